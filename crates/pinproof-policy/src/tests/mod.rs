//! What the pages' examples cannot show: admission, exceptions, open questions, trees, lock status.

mod admission;
mod advisories;
mod exceptions;
mod files;
mod fixtures;
mod lanes;
mod large_pages;
mod locks;
mod lookalikes;
mod names;
mod pages;
mod reach;
mod records;
mod silence;
mod trees;
