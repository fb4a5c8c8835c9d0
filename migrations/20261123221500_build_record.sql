-- The bill of materials of a slug: a CycloneDX document, by its own sha256. Builds of the same packages share it.
create table sboms (
    digest     text primary key check (digest ~ '^[0-9a-f]{64}$'),
    document   text not null,
    created_at timestamptz not null default now()
);

-- What a build was made with and of: buildpacks, toolchain and lock files.
alter table builds
    add column record jsonb not null default '{}' check (jsonb_typeof(record) = 'object'),
    add column sbom text references sboms;
