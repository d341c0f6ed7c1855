using System.Collections.Immutable;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// The errors that a schema cannot find, or not always: each with the reason, and a file that the schema takes and <c>check</c> refuses.
/// The reference of the configuration lists them. Immutable, any thread.
/// </summary>
/// <param name="Code">Of the error.</param>
/// <param name="What">What a schema lets through.</param>
/// <param name="Why">Why.</param>
/// <param name="Example">Such a file.</param>
public sealed record OnlyCheck(string Code, string What, string Why, string Example)
{
    public static ImmutableArray<OnlyCheck> All { get; } =
    [
        new("C012", "bytes that are no UTF-8", "an editor has text, not bytes", ""),
        new("C014", "the same header twice, in different case", "keys of JSON have case, and names of headers have none",
            GivenCheck.Http("\"headers\": { \"A\": \"1\", \"a\": \"2\" }")),
        new("C030", "lengths in bytes, the length of all headers together, a range that ends before it begins",
            "a pattern counts characters, not bytes, and cannot add or compare",
            GivenCheck.Http("\"expect\": { \"failStatus\": [\"500-499\"] }")),
        new("C031", "a whole number with a point or an exponent (1e3)", "to JSON they are the same number",
            Given.Service("\"maxSessions\": 1e3")),
        new("C031", "IPv6 addresses of wrong parts, networks with bits beyond the prefix", "a pattern cannot calculate",
            Given.Service("\"acceptProxy\": { \"from\": [\"10.1.2.3/8\"] }")),
        new("C031", "an interface or a group that this machine does not have", "a schema does not know the machine",
            Given.Service(listen: "[\"[fe80::1%nosuchinterface]:25\"]")),
        new("C031", "regular expressions that are wrong or take more than linear time", "only compiling them shows it",
            GivenCheck.Http("\"expect\": { \"body\": \"/a(b/\" }")),
        new("C031", "a path that the request would write in another way, a wrong host in a URL or a Host header",
            "the platform's rules for URLs fit no pattern", GivenCheck.Service("{ \"url\": \"http://a/b/../c\" }")),
        new("C034", "the same value written in two ways", "uniqueItems compares texts",
            Given.Service("\"acceptProxy\": { \"from\": [\"10.0.0.1\", \"10.0.0.1/32\"] }")),
        new("C040", "two services or upstreams of one name", "uniqueItems compares whole objects",
            Given.Service(upstreams: """[{ "name": "a", "address": "192.0.2.1:1" }, { "name": "a", "address": "192.0.2.2:1" }]""")),
        new("C041", "one address in two services, or written in two ways", "a schema does not compare places of a file",
            Given.Service(listen: "[\"[::1]:1\", \"[0:0::1]:1\"]")),
        new("C042", "a wildcard that takes the connections of another listener", "a schema does not compare places of a file",
            Given.Service(listen: "[\"0.0.0.0:1\", \"127.0.0.1:1\"]")),
        new("C043", "a service that is its own upstream", "a schema does not compare places of a file",
            Given.Service(upstreams: """[{ "address": "127.0.0.1:1000" }]""")),
        new("C044", "a key of another type in the check of an upstream that has its type from its service",
            "the type stands in another object", GivenCheck.Both("{ \"url\": \"http://a/\" }", "{ \"send\": \"a\" }")),
        new("C046", "a template that does not suit one of the upstreams", "only filling it in shows it",
            GivenCheck.Service("{ \"url\": \"http://{host}/\" }", """[{ "name": "a", "address": "unix:/run/a.sock" }]""")),
        new("C047", "a file that is missing, unreadable, or not what it should be", "a schema reads no files",
            GivenCheck.Http("\"tls\": { \"caFile\": \"no-such-file.pem\" }")),
        new("C048", "HEAD and expect.body, one of them in the check of the service and one in that of an upstream",
            "they stand in two objects",
            GivenCheck.Both("{ \"url\": \"http://a/\", \"method\": \"HEAD\" }", "{ \"expect\": { \"body\": \"a\" } }")),
        new("C053", "an IPv6 address for the administrative interface that is not loopback, without TLS",
            "loopback can be written in many ways",
            Given.Root("\"admin\": { \"listen\": [\"[2001:db8::1]:1\"], \"tokenFile\": \"no-such-file\" }")),
        new("C070", "times of hedge, suspect or passive that contradict each other or connectTimeout", "a schema compares no durations",
            Given.Service("\"hedge\": { \"delayMax\": \"5s\" }")),
        new("C099", "more problems than are shown", "it counts the others", ""),
    ];
}
