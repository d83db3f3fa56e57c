//! Ids of AWS resources.

pub(crate) use imds::record::resource_id as id_of_bytes;
pub(crate) use imds::write::hex;
