-- A build may be made of an archive, whose version is what its sender calls it.
alter table builds drop constraint builds_commit_check;
alter table builds add constraint builds_commit_check check (commit ~ '^[ -~]{1,100}$');
