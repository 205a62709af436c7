//! Which modules a project provides, where its files are not at hand to tell.

use pinproof_core::ProjectName;

/// The modules of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Modules {
    /// Their dotted names; any of them.
    pub(crate) names: Vec<String>,
    /// Whether they are a guess from the name of the project.
    pub(crate) is_guess: bool,
}

/// No record names more, or longer ones, that anybody would import.
const MAX_NAME: usize = 255;

/// The modules that a project is known by, else those that its name suggests: with `_`, and as a namespace.
pub(crate) fn of_project(project: &ProjectName) -> Modules {
    let name = project.as_str();
    if let Ok(at) = KNOWN.binary_search_by_key(&name, |(known, _)| known) {
        let names = KNOWN[at].1.iter().map(|module| (*module).to_owned());
        return Modules {
            names: names.collect(),
            is_guess: false,
        };
    }
    let mut names = vec![name.replace('-', "_"), name.replace('-', ".")];
    names.dedup();
    Modules {
        names,
        is_guess: true,
    }
}

/// Whether a text from a record is a dotted name.
pub(crate) fn is_module(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    text.len() <= MAX_NAME && text.split('.').all(is_part)
}

/// Projects whose modules have another name than the project, by normalized name.
const KNOWN: &[(&str, &[&str])] = &[
    ("antlr4-python3-runtime", &["antlr4"]),
    ("apache-airflow", &["airflow"]),
    ("apache-superset", &["superset"]),
    ("attrs", &["attr", "attrs"]),
    ("beautifulsoup4", &["bs4"]),
    ("biopython", &["Bio"]),
    ("discord-py", &["discord"]),
    ("django-allauth", &["allauth"]),
    ("django-cors-headers", &["corsheaders"]),
    ("django-debug-toolbar", &["debug_toolbar"]),
    ("django-filter", &["django_filters"]),
    ("djangorestframework", &["rest_framework"]),
    (
        "djangorestframework-simplejwt",
        &["rest_framework_simplejwt"],
    ),
    ("dnspython", &["dns"]),
    ("faiss-cpu", &["faiss"]),
    ("gitpython", &["git"]),
    (
        "google-api-python-client",
        &["apiclient", "googleapiclient"],
    ),
    ("grpcio", &["grpc"]),
    ("grpcio-tools", &["grpc_tools"]),
    ("mysql-connector-python", &["mysql"]),
    ("mysqlclient", &["MySQLdb"]),
    ("opencv-contrib-python", &["cv2"]),
    ("opencv-contrib-python-headless", &["cv2"]),
    ("opencv-python", &["cv2"]),
    ("opencv-python-headless", &["cv2"]),
    ("pillow", &["PIL"]),
    ("pillow-simd", &["PIL"]),
    ("protobuf", &["google.protobuf"]),
    ("psycopg2-binary", &["psycopg2"]),
    ("py-cpuinfo", &["cpuinfo"]),
    ("pycrypto", &["Crypto"]),
    ("pycryptodome", &["Crypto"]),
    ("pycryptodomex", &["Cryptodome"]),
    ("pygithub", &["github"]),
    ("pyjwt", &["jwt"]),
    ("pymongo", &["bson", "gridfs", "pymongo"]),
    ("pymupdf", &["fitz", "pymupdf"]),
    ("pynacl", &["nacl"]),
    ("pyopenssl", &["OpenSSL"]),
    ("pysaml2", &["saml2"]),
    ("pyserial", &["serial"]),
    ("pysocks", &["socks"]),
    ("python-dateutil", &["dateutil"]),
    ("python-docx", &["docx"]),
    ("python-dotenv", &["dotenv"]),
    ("python-engineio", &["engineio"]),
    ("python-gnupg", &["gnupg"]),
    ("python-jose", &["jose"]),
    ("python-keystoneclient", &["keystoneclient"]),
    ("python-ldap", &["ldap"]),
    ("python-levenshtein", &["Levenshtein"]),
    ("python-magic", &["magic"]),
    ("python-multipart", &["multipart", "python_multipart"]),
    ("python-pptx", &["pptx"]),
    ("python-slugify", &["slugify"]),
    ("python-socketio", &["socketio"]),
    ("python-telegram-bot", &["telegram"]),
    ("python3-openid", &["openid"]),
    ("python3-saml", &["onelogin.saml2"]),
    (
        "pywin32",
        &[
            "pythoncom",
            "pywintypes",
            "win32api",
            "win32com",
            "win32con",
        ],
    ),
    ("pyyaml", &["yaml"]),
    ("pyzmq", &["zmq"]),
    ("scikit-image", &["skimage"]),
    ("scikit-learn", &["sklearn"]),
    ("setuptools", &["pkg_resources", "setuptools"]),
    ("tensorflow-cpu", &["tensorflow"]),
    ("tensorflow-gpu", &["tensorflow"]),
    ("umap-learn", &["umap"]),
    ("websocket-client", &["websocket"]),
];

#[cfg(test)]
mod tests {
    use super::{KNOWN, is_module, of_project};

    #[test]
    fn the_table_is_sorted_normalized_and_says_something() {
        assert!(KNOWN.is_sorted_by(|a, b| a.0 < b.0));
        for (name, modules) in KNOWN {
            let project: pinproof_core::ProjectName = name.parse().unwrap();
            assert_eq!(project.as_str(), *name);
            assert!(!modules.is_empty() && modules.is_sorted(), "{name}");
            assert!(modules.iter().all(|module| is_module(module)), "{name}");
            assert_ne!(*modules, [name.replace('-', "_").as_str()], "{name}");
        }
    }

    #[test]
    fn a_name_that_is_not_in_the_table_is_a_guess() {
        let modules = |name: &str| {
            let modules = of_project(&name.parse().unwrap());
            (modules.names.join(" "), modules.is_guess)
        };
        assert_eq!(modules("PyYAML"), ("yaml".to_owned(), false));
        assert_eq!(modules("jinja2"), ("jinja2".to_owned(), true));
        assert_eq!(
            modules("zope.interface"),
            ("zope_interface zope.interface".to_owned(), true)
        );
    }

    #[test]
    fn only_dotted_names_are_modules() {
        assert!(is_module("a.b_1.größe"));
        for text in ["", ".", "a.", "a b", "a-b", "a\u{1b}[0m", &"a".repeat(256)] {
            assert!(!is_module(text), "{text}");
        }
    }
}
