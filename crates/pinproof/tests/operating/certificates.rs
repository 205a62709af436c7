//! An authority and certificates that it signs, made for one test.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
};

use crate::support::Sandbox;

/// An authority that nobody knows but who is told.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        Self::called("an authority")
    }

    /// One with a name that another may have, too.
    pub(crate) fn called(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// Its certificate, for whoever shall trust it.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this machine, and its key.
    pub(crate) fn issue(&self) -> (String, String) {
        self.issue_for("127.0.0.1")
    }

    /// A certificate for this host, and its key.
    pub(crate) fn issue_for(&self, host: &str) -> (String, String) {
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("an address");
        params.distinguished_name = named("a server");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    /// Issues a certificate into `cert.pem` and `key.pem` of the project.
    pub(crate) fn issue_into(&self, sandbox: &Sandbox) {
        let (certificate, key) = self.issue();
        sandbox.write("key.pem", key);
        sandbox.write("cert.pem", certificate);
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}
