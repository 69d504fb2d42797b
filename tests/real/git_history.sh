# git: init, commit, branch, gc, clone, log -p.
set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init -q repo; cd repo
for i in 1 2 3 4 5; do seq $i $((i * 50)) > f$i; git add .; git commit -qm "commit $i"; done
git checkout -qb side HEAD~2; echo side > side; git add side; git commit -qm side; git checkout -q master
git merge -q --no-edit side; git log --oneline --graph | cat
git gc -q; git fsck; git clone -q . ../clone; git -C ../clone log -p | wc -l; git diff --stat HEAD~3 | cat
git tag v1; git archive v1 | tar t; git stash list; git rev-parse HEAD
