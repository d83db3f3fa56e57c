use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;

use super::attributes::ApiAttributes;
use imds::record::Template;

/// The parts that the instances of equal launches share.
#[derive(Clone)]
pub(super) struct SharedParts {
    pub template: Arc<Template>,
    pub attributes: Arc<ApiAttributes>,
    pub tags: Arc<BTreeMap<String, String>>,
}
