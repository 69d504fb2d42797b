# A replay long after, in another environment, shows the recorded time, pid and environment.
env -i A=b $REPRISE record -o t sh -c 'date +%s%N; echo $$ $A $PWD' > want
sleep 0.1
(cd /; env -i $REPRISE replay -a $TMP/t) > got
cmp want got
