//! The spans of a message cover every byte.

use imds_conformance::spans;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_of_a_message_is_in_one_span(message in "[ -~\\r\\n:? ]{0,200}") {
        for spans in [spans::of_request(message.as_bytes()), spans::of_response(message.as_bytes())] {
            let mut end = 0;
            for span in spans {
                prop_assert!(span.range.start == end && span.range.end > end, "{:?} after {}", span, end);
                end = span.range.end;
            }
            prop_assert_eq!(end, message.len());
        }
    }
}
