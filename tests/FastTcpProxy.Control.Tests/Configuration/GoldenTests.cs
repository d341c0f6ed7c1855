using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// What an operator sees: all mistakes of one file in one run, by position, each with its place, its code and the way out.
/// </summary>
public sealed class GoldenTests
{
    private const string Mistakes = """
        {
          "services": [
            {
              "name": "mail",
              "listen": ["0.0.0.0:70000", "mail.example:25"],
              "mode": "proxy",
              "conectTimeout": "5s",
              "idleTimeout": 600,
              "halfCloseTimeout": "0s",
              "acceptProxy": { "from": ["10.1.2.3/8"] },
              "upstreams": [
                { "name": "a", "address": "192.0.2.10" },
                { "name": "a", "address": "192.0.2.11:25" }
              ],
              "healthCheck": { "url": "http://{hots}/" }
            },
            { "name": "web", "listen": ["127.0.0.1:80"], "upstreams": [] },
            { "name": "mail", "listen": ["127.0.0.1:80"], "upstreams": [{ "name": "a" }], "maxSessions": 0 }
          ],
          "engine": { "threads": "all", "maxSessions": 9, "maxSessions": 10 },
        }
        """;

    private const string Errors = """
        test.json:5:18: error C030: services[0].listen[0] is "0.0.0.0:70000" (port 70000 is out of range), expected "address:port" or "[IPv6 address]:port" with a port from 1 to 65535, or "unix:/path" of at most 107 bytes
        test.json:5:35: error C031: services[0].listen[1] is "mail.example:25" (a listener takes an IP address, not a name), expected "address:port" or "[IPv6 address]:port" with a port from 1 to 65535, or "unix:/path" of at most 107 bytes
        test.json:6:15: error C032: services[0].mode is "proxy", expected "proxy-v2", "proxy-v1" or "raw"
        test.json:7:7: error C020: services[0] has the unknown key "conectTimeout", did you mean "connectTimeout"?
        test.json:8:22: error C022: services[0].idleTimeout is the number 600, expected a text in quotes, write "600s" or "600ms"
        test.json:9:27: error C030: services[0].halfCloseTimeout is "0s" (zero is not allowed), expected a duration from "1ms" to "7d", written in quotes with its unit ms, s, m, h or d
        test.json:10:33: error C031: services[0].acceptProxy.from[0] is "10.1.2.3/8" (the address has bits beyond the prefix, did you mean "10.0.0.0/8"?), expected a network such as "10.0.0.0/8" or "2001:db8::/32", or one address
        test.json:12:35: error C031: services[0].upstreams[0].address is "192.0.2.10" (the port is missing), expected "address:port", "name:port" or "[IPv6 address]:port" with a port from 1 to 65535, or "unix:/path" of at most 107 bytes
        test.json:13:19: error C040: the name "a" belongs to another upstream of this service at line 12, column 19, expected a unique name
        test.json:15:31: error C031: services[0].healthCheck.url is "http://{hots}/" ({hots} is not a template, did you mean {host}?), expected a URL such as "http://{host}:8080/health" of at most 2048 characters; {host}, {port} and {name} stand for the upstream's
        test.json:17:63: error C033: services[1].upstreams is empty, expected 1 to 64 items
        test.json:18:15: error C040: the name "mail" belongs to another service at line 4, column 15, expected a unique name
        test.json:18:34: error C041: "127.0.0.1:80" is already listened on at line 17, column 33, expected each address once in the file
        test.json:18:65: error C021: services[2].upstreams[0] has no key "address", expected it, for example "address": "192.0.2.10:25"
        test.json:18:98: error C030: services[2].maxSessions is 0, expected a whole number from 1 to 1000000
        test.json:20:26: error C022: engine.threads is "all", expected a whole number from 1 to 256
        test.json:20:51: error C014: key "maxSessions" is already given at line 20, column 33, expected each key once
        """;

    [Fact]
    public void Parse_FileOfManyMistakes_TellsAllOfThem()
    {
        ConfigurationResult result = Given.Parse(Mistakes);

        Assert.Null(result.Configuration);
        Assert.Equal(Errors, string.Join('\n', result.Errors));
        Assert.Empty(result.Warnings);
    }
}
