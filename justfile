# Lists what there is.
default:
    @just --list

# The make-believe province: http://127.0.0.1:8080/demo
demo *args:
    cargo run -- demo {{args}}

# Serves the folder ./data, or the one that --data names
run *args:
    cargo run -- serve {{args}}

# Everything that has to hold, or the stages named: data rust browser api licences
test *stages:
    ./test {{stages}}

# The roster beside its reader, certificates per second, the public query beside nginx, the directory, the public log
bench:
    cargo run --release -p sheets --example roster_bench
    cargo run --release -p press --example speed -- 1000
    bench/query
    bench/timing
    bench/directory
    bench/board
    bench/desk
    bench/photos
    bench/certificate/accepted
    cargo run --release -p rules --example arrangement
    cargo run --release -p proof --example log_bench
    cargo run --release -p proof --example sign_bench

# Rewrites docs/generated; read the difference
update-generated:
    UPDATE=1 cargo test -p office --test it

# Formats the code
fmt:
    cargo fmt --all
