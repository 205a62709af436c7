# The image: the binary and its licences. Any builder can read this; no frontend is fetched for it.
#
# The images below it are arguments without a default, because an image that is not named by its digest is not pinned, and a digest
# that nobody has looked up is none. docs/guide/ways/docker.md shows a build.
#   BUILD_IMAGE  has Rust as rust-toolchain.toml names it, a C compiler and CMake for the cryptography, and glibc
#   RUN_IMAGE    has that glibc or a newer one, libgcc, and certificates; a shell is not needed
ARG BUILD_IMAGE
ARG RUN_IMAGE

FROM ${BUILD_IMAGE} AS build
WORKDIR /source
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
COPY crates crates
COPY xtask xtask
RUN cargo build --release --locked --package pinproof

FROM ${RUN_IMAGE}
COPY LICENSE-APACHE LICENSE-MIT /usr/share/doc/pinproof/
COPY --from=build /source/target/release/pinproof /usr/local/bin/pinproof
# Nobody: files that are judged are mounted, and only read.
USER 65534:65534
ENV PINPROOF_CACHE_DIR=/tmp/pinproof
WORKDIR /project
ENTRYPOINT ["/usr/local/bin/pinproof"]
CMD ["check"]
