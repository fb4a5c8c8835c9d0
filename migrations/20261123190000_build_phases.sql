-- How long the parts of a push took: [{"name": "build", "ms": 320}, …]
alter table builds add column phases jsonb not null default '[]';
