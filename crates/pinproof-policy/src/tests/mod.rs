//! What the pages' examples cannot show: admission, exceptions, open questions, trees, lock status.

mod admission;
mod exceptions;
mod files;
mod fixtures;
mod locks;
mod lookalikes;
mod names;
mod pages;
mod silence;
mod trees;
