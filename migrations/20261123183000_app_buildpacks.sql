-- The buildpacks that an app's owner chose, in their order; empty: the source decides.
alter table apps add column buildpacks text[] not null default '{}';
