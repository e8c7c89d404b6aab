//! The inputs that the fuzz targets keep, played through what the targets do.

#[path = "../fuzz/harness.rs"]
mod harness;

use std::fs;
use std::path::Path;

/// Plays every file of a target's corpus and says how many there are.
fn play(target: &str, run: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let files = fs::read_dir(folder).expect("the target has a corpus");
    let mut count = 0;
    for file in files {
        let path = file.expect("can be listed").path();
        // A failure shows the name of the last one.
        println!("{}", path.display());
        run(&fs::read(&path).expect("can be read"));
        count += 1;
    }
    count
}

#[test]
fn kept_filters_do_no_harm() {
    assert!(play("filter", harness::filter) > 20);
}

#[test]
fn kept_requests_do_no_harm() {
    assert!(play("form", harness::form) > 10);
}
