# perl: pipes, fork, signals, sockets, sorting.
exec perl -e '
use strict; use Socket; $| = 1;
socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die;
my $pid = fork; if (!$pid) { close $a; print $b "from child $$\n"; exit 4 }
close $b; print "got ", scalar <$a>; waitpid $pid, 0; print $? >> 8, "\n";
my $n = 0; $SIG{ALRM} = sub { $n++ }; alarm 1; select undef, undef, undef, 2; print "alarms $n\n";
my @l = sort { $a <=> $b } map { ($_ * 7919) % 1000 } 1 .. 500; print "@l[0..9]\n";
open my $p, "-|", "echo piped; exit 3" or die; print <$p>; close $p; print $? >> 8, "\n";
print join(",", map { sprintf "%02x", $_ } unpack "C*", pack "w*", 1 .. 20), "\n"; print rand, " ", time, "\n";'
