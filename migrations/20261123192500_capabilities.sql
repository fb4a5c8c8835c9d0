-- What the code of a slug may do, read off its imports when it was checked; null for slugs that were checked before this was kept.
alter table slugs add column capabilities text[];
