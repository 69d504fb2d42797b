# sqlite3, as Debian ships it, without symbols of its own, shows a wrong balance. The value is traced back with last-write to the SQL
# statement that has changed it.
cat > bank.sql <<'SQL'
create table account(name text primary key, balance integer);
create table payment(who text, amount integer);
create trigger charge after insert on payment begin update account set balance = balance - new.amount where name = new.who; end;
create trigger fee after insert on payment when new.amount > 90 begin update account set balance = balance - 13 where name = 'alice'; end;
insert into account values('alice', 50), ('bob', 500), ('carol', 77);
insert into payment values('bob', 20);
insert into payment values('alice', 42);
insert into payment values('bob', 100);
insert into payment values('carol', 7);
select name, balance from account where name = 'alice';
SQL
"$REPRISE" record -o "$TMP/t" -- sqlite3 bank.db < bank.sql > "$TMP/recorded"
grep -x 'alice|-5' "$TMP/recorded"
# Which event has written the line? Begin there.
event=$("$REPRISE" replay -a -M "$TMP/t" | sed -n 's/^\[reprise [0-9]* \([0-9]*\)\] alice|-5$/\1/p')
more="-e $event"
# The row is in a page of the database that sqlite3 keeps in its heap: the name, and -5 as one byte.
debug 'backtrace' 'break sqlite3_column_text' 'reverse-continue' 'finish' 'x/s $rax' 'delete' 'python
import re
memory, lo = b"", 0
for line in gdb.execute("info proc mappings", to_string=True).splitlines():
    if "[heap]" in line:
        lo, hi = (int(w, 16) for w in line.split()[:2])
        memory = bytes(gdb.selected_inferior().read_memory(lo, hi - lo))
gdb.set_convenience_variable("row", lo + memory.index(b"alice\xfb"))' 'last-write *((signed char *)$row + 5)' 'backtrace' \
	'break sqlite3_prepare_v2' 'reverse-continue' 'x/s $rsi' 'delete' 'last-write *((signed char *)$row + 5)' 'break sqlite3_prepare_v2' 'reverse-continue' 'x/s $rsi'
want '^#0 .*write' 'sqlite3_column_text' '"-5"$' "Old value = 8 " "New value = -5 " '^#[0-9]+ .*sqlite3_step' \
	'sqlite3_prepare_v2' "\"insert into payment values\('bob', 100\);\"" "Old value = 50 '2'" "New value = 8 " 'sqlite3_prepare_v2' "\"insert into payment values\('alice', 42\);\""
