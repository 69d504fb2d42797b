# A trace replays under another user, from another directory.
[ "$(id -u)" = 0 ] || { echo "skipped: only root can become somebody else"; exit 0; }
cp $REPRISE ./bin; chmod 755 bin . 
./bin record -o t sh -c 'id -u; ls / | head -2' > want
mkdir else; cp -r t else/copy; chmod -R a+rX else; rm -r t
setpriv --reuid 65534 --regid 65534 --clear-groups ./bin replay -a else/copy > got
cmp want got
mkdir mine; chmod 777 mine
setpriv --reuid 65534 --regid 65534 --clear-groups ./bin record -o mine/t sh -c 'id -u; echo $$; cat /proc/self/status | grep NoNew' > want2
setpriv --reuid 65534 --regid 65534 --clear-groups ./bin replay -a mine/t > got2
cmp want2 got2
