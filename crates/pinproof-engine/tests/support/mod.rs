//! A made-up world for tests: an index that says what the test wrote down, and a folder of files.

// Each test binary uses its own part of this module.
#![allow(dead_code)]

pub(crate) mod example;
pub(crate) mod remembered;
pub(crate) mod world;
