-- Accounts, apps, and what a push leaves behind. Forward only: expand, then contract.

create table accounts (
    id         uuid primary key,
    email      text not null unique check (email = lower(email) and email <> ''),
    created_at timestamptz not null default now()
);

-- A token's text is shown once and never stored; 256 random bits need no slow hash.
create table tokens (
    sha256      bytea primary key check (length(sha256) = 32),
    account_id  uuid not null references accounts on delete cascade,
    kind        text not null check (kind in ('api', 'session')),
    description text not null,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz,
    check (kind = 'api' or expires_at is not null)
);
create index on tokens (account_id);

create table apps (
    id              uuid primary key,
    name            text not null unique check (name ~ '^[a-z][a-z0-9-]{1,28}[a-z0-9]$'),
    owner_id        uuid not null references accounts,
    maintenance     boolean not null default false,
    current_release uuid not null,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    released_at     timestamptz
);
create index on apps (owner_id);

-- Config vars as JSON, sealed with a key that is not in this database.
create table configs (
    id         uuid primary key,
    app_id     uuid not null references apps on delete cascade,
    sealed     bytea not null,
    created_at timestamptz not null default now(),
    unique (app_id, id)
);

-- Apps may share a slug, so it outlives them. What no release names any more is garbage, to be collected with its files.
create table slugs (
    digest     text primary key check (digest ~ '^[0-9a-f]{64}$'),
    manifest   jsonb not null,
    created_at timestamptz not null default now()
);

create table builds (
    id           uuid primary key,
    app_id       uuid not null references apps on delete cascade,
    account_id   uuid not null references accounts,
    status       text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
    commit       text not null check (commit ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
    buildpack    text,
    output_bytes bigint not null default 0,
    created_at   timestamptz not null default now(),
    finished_at  timestamptz,
    check ((status = 'pending') = (finished_at is null))
);
create index on builds (app_id, id desc);
create index on builds (app_id) where status = 'pending';

-- One row per appended piece: appending to one long text would copy it every time.
create table build_output (
    build_id uuid not null references builds on delete cascade,
    piece    bigint generated always as identity,
    text     text not null,
    primary key (build_id, piece)
);

-- A release gets its number when it succeeds; until then it is 'built' and may still be abandoned.
create table releases (
    id          uuid primary key,
    app_id      uuid not null references apps on delete cascade,
    version     bigint check (version > 0),
    state       text not null check (state in ('built', 'succeeded', 'failed', 'abandoned')),
    description text not null,
    slug        text references slugs,
    commit      text,
    reference   text,
    build_id    uuid references builds,
    config_id   uuid,
    account_id  uuid not null references accounts,
    created_at  timestamptz not null default now(),
    unique (app_id, version),
    unique (app_id, id),
    foreign key (app_id, config_id) references configs (app_id, id),
    check ((version is null) = (state in ('built', 'abandoned'))),
    check ((config_id is null) = (version is null)),
    check (state <> 'built' or (slug is not null and commit is not null and reference is not null))
);
create index on releases (build_id);
create index on releases (app_id) where state = 'built';

-- An app and its first release need each other, so this is checked at commit.
alter table apps add constraint apps_current_release_fkey
    foreign key (id, current_release) references releases (app_id, id) deferrable initially deferred;

-- Counts every change of who answers what. Bumped in the transaction that changes it.
create table routing (
    one     boolean primary key default true check (one),
    version bigint not null
);
insert into routing (version) values (1);

-- A known text, sealed: shows at start-up whether the key at hand opens this database.
create table key_check (
    one    boolean primary key default true check (one),
    sealed bytea not null
);
