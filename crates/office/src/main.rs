//! `jiangce`: the one binary.

// The allocator gives memory back after large documents and workbooks, so that a server stays small.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    office::cli::run()
}
