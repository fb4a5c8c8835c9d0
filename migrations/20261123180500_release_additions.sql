-- The config vars that a built release's app.json adds to the app when it is activated: JSON, sealed as configs are.
alter table releases add column additions bytea;
