-- Settings of a release beside its code and config vars, such as the limits that its app chose.
alter table releases add column settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object');
