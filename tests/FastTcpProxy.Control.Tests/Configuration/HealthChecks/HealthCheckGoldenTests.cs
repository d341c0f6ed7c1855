using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>What an operator sees of every kind of mistake in health checks, in one run.</summary>
public sealed class HealthCheckGoldenTests
{
    private const string Mistakes = """
        {
          "services": [
            {
              "name": "mail", "listen": ["127.0.0.1:25"],
              "upstreams": [
                { "name": "a", "address": "192.0.2.10:25", "healthCheck": { "timeout": 5, "send": "PING" } },
                { "name": "b", "address": "unix:/run/b.sock", "healthCheck": { "type": "tcp", "address": "unix:b" } }
              ],
              "healthCheck": {
                "url": "http://u:p@{host}/",
                "method": "get",
                "headers": { "Host": "a b", "host": "c", "Content-Length": "1", "X": 1 },
                "body": "hex:123",
                "interval": "10ms",
                "probes": { "failures": 0, "delay": "0ms" },
                "expect": { "failStatus": ["5xx", "999", "4*"], "body": "/a(b/" },
                "tls": { "serverName": "a:b", "caFile": "/no/such/ca.pem", "keyFile": "/no/such/key" },
                "proxyHeader": "v3", "initial": "", "onDown": "drop", "sned": "x", "address": "{host}"
              }
            },
            {
              "name": "web", "listen": ["127.0.0.1:80"],
              "upstreams": [
                { "name": "a", "address": "unix:/run/a.sock" },
                { "name": "b", "address": "192.0.2.10:80", "healthCheck": { "method": "HEAD", "expect": { "body": "/(a)\\1/" } } },
                { "name": "c", "address": "192.0.2.11:80", "healthCheck": { "method": "HEAD" } }
              ],
              "healthCheck": { "url": "http://{host}/", "expect": { "body": "OK" } }, "allDown": "wait"
            },
            { "name": "db", "listen": ["127.0.0.1:90"], "upstreams": [{ "address": "192.0.2.12:90" }], "healthCheck": {} }
          ]
        }
        """;

    private const string Errors = """
        test.json:6:80: error C022: services[0].upstreams[0].healthCheck.timeout is the number 5, expected a text in quotes, write "5s" or "5ms"
        test.json:6:83: error C044: services[0].upstreams[0].healthCheck.send belongs to a check of type "tcp" and this one is of type "http", expected keys of one type
        test.json:7:98: error C031: services[0].upstreams[1].healthCheck.address is "unix:b" (the path is not absolute), expected "address:port", "name:port" or "[IPv6 address]:port" with a port from 1 to 65535, or "unix:/path" of at most 107 bytes; {host}, {port} and {name} stand for the upstream's
        test.json:10:16: error C031: services[0].healthCheck.url is "http://u:p@{host}/" (a URL here has no user name, a header "Authorization" can carry it), expected a URL such as "http://{host}:8080/health" of at most 2048 characters; {host}, {port} and {name} stand for the upstream's
        test.json:11:19: error C031: services[0].healthCheck.method is "get" (methods are case-sensitive, did you mean "GET"?), expected a method such as "GET" of at most 32 characters
        test.json:12:30: error C031: services[0].healthCheck.headers.Host cannot be sent (the host is neither an address nor a DNS name in ASCII), expected a host, or a host and a port
        test.json:12:37: error C014: header "host" is already given as "Host" at line 12, column 22 (names of headers are not case-sensitive), expected each header once
        test.json:12:50: error C045: services[0].healthCheck.headers has the header "Content-Length" (the client sets this header by itself), expected one that a request can have
        test.json:12:78: error C022: services[0].healthCheck.headers.X is the number 1, expected a text
        test.json:13:17: error C031: services[0].healthCheck.body is "hex:123" (3 digits after "hex:", an odd number), expected a text, or bytes as "hex:0d0a", of at most 16384 bytes
        test.json:14:21: error C030: services[0].healthCheck.interval is "10ms" (too short), expected a duration from "100ms" to "1d", written in quotes with its unit ms, s, m, h or d
        test.json:15:33: error C030: services[0].healthCheck.probes.failures is 0, expected a whole number from 1 to 100
        test.json:15:45: error C031: services[0].healthCheck.probes.delay is "0ms" (zero is written "0s"), expected a duration from "0s" to "1h", written in quotes with its unit ms, s, m, h or d
        test.json:16:43: error C030: services[0].healthCheck.expect.failStatus[1] is "999", expected a status code from 100 to 599 such as "404", a class such as "5xx", or a range such as "400-499"
        test.json:16:50: error C031: services[0].healthCheck.expect.failStatus[2] is "4*", expected a status code from 100 to 599 such as "404", a class such as "5xx", or a range such as "400-499"
        test.json:16:65: error C031: services[0].healthCheck.expect.body is "/a(b/" (the expression is invalid at its character 4: insufficient closing parentheses), expected a text, a regular expression such as "/^OK/" or "/^ok/i", or bytes as "hex:0d0a", of at most 1024 bytes
        test.json:17:32: error C031: services[0].healthCheck.tls.serverName is "a:b" (this is not an IPv6 address), expected a DNS name in ASCII, or an IP address, without a port
        test.json:17:49: error C047: services[0].healthCheck.tls.caFile is "/no/such/ca.pem" (there is no such file), expected a PEM file with certificates
        test.json:17:68: error C021: services[0].healthCheck.tls.keyFile has no certificate, expected "certFile" beside it
        test.json:18:24: error C032: services[0].healthCheck.proxyHeader is "v3" (did you mean "v1"?), expected "none", "v1" or "v2"
        test.json:18:41: error C032: services[0].healthCheck.initial is "", expected "up" or "down"
        test.json:18:55: error C032: services[0].healthCheck.onDown is "drop", expected "keep" or "reset"
        test.json:18:63: error C020: services[0].healthCheck has the unknown key "sned", did you mean "send"?
        test.json:18:76: error C044: services[0].healthCheck.address belongs to a check of type "tcp", "smtp", "imap", "pop3", "mysql" or "postgresql" and this one is of type "http", expected keys of one type
        test.json:18:87: error C031: services[0].healthCheck.address is "{host}" (the port is missing), expected "address:port", "name:port" or "[IPv6 address]:port" with a port from 1 to 65535, or "unix:/path" of at most 107 bytes; {host}, {port} and {name} stand for the upstream's
        test.json:25:107: error C031: services[1].upstreams[1].healthCheck.expect.body is "/(a)\1/" (the expression cannot be matched in linear time: it has a backreference, a lookaround, an atomic group or a condition, or repeats too much), expected a text, a regular expression such as "/^OK/" or "/^ok/i", or bytes as "hex:0d0a", of at most 1024 bytes
        test.json:26:79: error C048: services[1].upstreams[2].healthCheck.method makes every check fail, because the answer to HEAD has no body and expect.body requires one, expected another method or no expect.body
        test.json:28:31: error C046: services[1].healthCheck.url gives no URL for upstream "a" (it is a UNIX socket, for which {host} and {port} have no value), expected a text that suits every upstream, or "healthCheck" keys of that upstream
        test.json:28:90: error C032: services[1].allDown is "wait", expected "try-in-order" or "fail"
        test.json:30:111: error C021: services[2].healthCheck has no key "url", expected it, for example "url": "http://{host}:8080/health"
        """;

    private const string Surprises = """
        {
          "services": [
            {
              "name": "mail", "listen": ["127.0.0.1:25"],
              "upstreams": [{ "name": "a", "address": "192.0.2.10:25", "healthCheck": { "probes": { "failures": 5 } } }],
              "healthCheck": { "url": "http://{host}/", "timeout": "20s", "tls": { "verify": true } }
            },
            { "name": "web", "listen": ["127.0.0.1:80"], "upstreams": [{ "address": "192.0.2.12:80" }], "allDown": "fail" }
          ]
        }
        """;

    private const string Warnings = """
        test.json:5:91: warning C111: a check may take 100s (5 probes with a timeout of 20s, 0s apart) and the next one waits for it, so checks are further apart than the interval of 15s, expected a longer interval
        test.json:6:60: warning C111: a check may take 20s (timeout 20s) and the next one waits for it, so checks are further apart than the interval of 15s, expected a longer interval
        test.json:6:67: warning C110: services[0].healthCheck.tls has no effect, because the URL does not use TLS, expected a URL with "https://"
        test.json:8:108: warning C110: allDown has no effect, because no upstream of this service is checked and none is ever down, expected "healthCheck" beside it
        """;

    [Fact]
    public void Parse_ChecksOfManyMistakes_TellsAllOfThem() => Assert.Equal(Errors, string.Join('\n', Given.Parse(Mistakes).Errors));

    [Fact]
    public void Parse_ChecksThatSurprise_WarnsOfEach()
    {
        ConfigurationResult result = Given.Parse(Surprises);

        Assert.Empty(result.Errors);
        Assert.Equal(Warnings, string.Join('\n', result.Warnings));
    }
}
