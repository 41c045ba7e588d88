# The commands of docs/development.md by name. `just` lists them.

python := env("PYTHON", ".venv/bin/python")

_list:
    @just --list --unsorted

# Build the command
build:
    cargo build --release -p adflux-cli

# Segment candidates and predict campaigns
demo *arguments:
    cargo run --release -p adflux-cli -- demo {{arguments}}

# All tests, those in the documentation too
test:
    cargo test --release --workspace

# Format and lints
lint:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets -- -D warnings

# Criterion benches: all, or one by name
bench name="*":
    cargo bench -p adflux --bench '{{name}}'

# The same work in Python and in adflux; needs `just venv`
peers:
    for script in benches/peers/*.py; do {{python}} "$script"; done

# A Python environment for `golden` and `peers`
venv:
    python3 -m venv .venv
    .venv/bin/pip install -r tests/golden/requirements.txt

# Remake the golden fixtures; needs `just venv`
golden:
    for script in tests/golden/make_*.py; do {{python}} "$script"; done

# The reference
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps

# Licences, advisories, sources; needs cargo-deny
deny:
    cargo deny check

# What decides whether a change lands
ci:
    .ci/run
