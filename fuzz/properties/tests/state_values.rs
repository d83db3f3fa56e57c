//! Replaces each value of a snapshot with extreme ones, which a fuzzer seldom writes into the right
//! place.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;

use serde_json::{Value, json};

#[test]
fn a_snapshot_with_an_extreme_value_is_rejected_or_restored() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/state");
    let snapshot: Value = serde_json::from_slice(&fs::read(folder.join("seed-005")).unwrap()).unwrap();
    let mut pointers = Vec::new();
    collect(&snapshot, String::new(), &mut pointers);
    let check = |pointers: &[String]| -> Vec<String> {
        let mut failing = Vec::new();
        for pointer in pointers {
            for extreme in extremes(snapshot.pointer(pointer).unwrap()) {
                let mut changed = snapshot.clone();
                *changed.pointer_mut(pointer).unwrap() = extreme.clone();
                let bytes = changed.to_string().into_bytes();
                if catch_unwind(AssertUnwindSafe(|| imds_fuzz::run("state", &bytes))).is_err() {
                    failing.push(format!("{pointer} = {extreme}"));
                }
            }
        }
        failing
    };
    let failing: Vec<String> = thread::scope(|scope| {
        let parts = pointers.chunks(pointers.len().div_ceil(THREADS));
        let threads: Vec<_> = parts.map(|part| scope.spawn(|| check(part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failing.is_empty(), "{failing:#?}");
}

const THREADS: usize = 4;

/// The JSON pointers of the values, of lists only the first and the last item.
fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(value, format!("{pointer}/{key}"), pointers);
            }
        }
        Value::Array(items) => {
            // Those between are similar.
            for index in BTreeSet::from([0, items.len().saturating_sub(1)]) {
                items.get(index).inspect(|item| collect(item, format!("{pointer}/{index}"), pointers));
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

/// Extreme values of the same type.
fn extremes(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(_) => {
            let numbers = [0, 1, u64::from(u32::MAX) - 1, u32::MAX.into(), (1 << 53) - 1, u64::MAX];
            numbers.map(Value::from).into()
        }
        Value::String(_) => {
            let texts = ["", "a", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "255.255.255.255", "127.0.0.1"];
            texts.map(Value::from).into()
        }
        Value::Array(items) => {
            vec![json!([]), items.iter().chain(items).cloned().collect(), items.iter().skip(1).cloned().collect()]
        }
        Value::Object(_) => vec![json!({})],
        Value::Bool(_) | Value::Null => vec![json!(true), json!(false)],
    }
}
