using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Every other key: its bounds, what lies just outside them, and what is of another type.</summary>
public sealed class KeyTests
{
    /// <summary>Place (a key of the service, or one of another object), a valid value.</summary>
    public static TheoryData<string, string> ValidValues => new()
    {
        { "mode", "\"proxy-v1\"" }, { "mode", "\"proxy-v2\"" }, { "mode", "\"raw\"" },
        { "connectTimeout", "\"1ms\"" }, { "connectTimeout", "\"1h\"" },
        { "totalConnectTimeout", "\"1ms\"" }, { "totalConnectTimeout", "\"1h\"" },
        { "onAllFailed", "\"reset\"" }, { "onAllFailed", "\"close\"" },
        { "abortOnClose", "true" }, { "abortOnClose", "false" },
        { "idleTimeout", "\"1ms\"" }, { "idleTimeout", "\"7d\"" },
        { "halfCloseTimeout", "\"1ms\"" }, { "halfCloseTimeout", "\"7d\"" },
        { "tcpUserTimeout", "\"1s\"" }, { "tcpUserTimeout", "\"1d\"" },
        { "dnsRefresh", "\"1s\"" }, { "dnsRefresh", "\"1d\"" },
        { "sourceAddresses", "[]" },
        { "allDown", "\"try-in-order\"" }, { "allDown", "\"fail\"" },
        { "maxSessions", "1" }, { "maxSessions", "1000000" },
        { "keepAlive", "{}" },
        { "keepAlive", "{ \"idle\": \"1s\", \"interval\": \"1s\", \"count\": 1 }" },
        { "keepAlive", "{ \"idle\": \"32767s\", \"interval\": \"32767s\", \"count\": 127 }" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"timeout\": \"1ms\", \"others\": \"plain\", \"passTlvs\": [], \"crc32c\": true }" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"timeout\": \"1h\", \"others\": \"refuse\", \"crc32c\": false }" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"passTlvs\": [\"alpn\", \"authority\", \"unique-id\", \"ssl\", \"netns\", "
            + "\"0x00\", \"0xeA\", \"0xFF\"] }" },
        { "/engine", "{ \"threads\": 1, \"maxSessions\": 1, \"drainTimeout\": \"1ms\" }" },
        { "/engine", "{ \"threads\": 256, \"maxSessions\": 1000000, \"drainTimeout\": \"7d\" }" },
        { "/log", "{ \"format\": \"json\" }" }, { "/log", "{ \"format\": \"tcplog\" }" }, { "/log", "{ \"format\": \"tcplog-id\" }" },
        { "/log", "{ \"format\": \"none\" }" },
        { "/log", "{}" },
        { "/log", "{ \"target\": \"stdout\", \"events\": { \"target\": \"stderr\", \"format\": \"text\", \"level\": \"info\" } }" },
        { "/log", "{ \"target\": \"file:/var/log/s.log\", \"fileMode\": \"0600\", \"events\": { \"target\": \"journald\" } }" },
        { "/log", "{ \"target\": \"syslog:/dev/log\", \"facility\": \"local7\", \"syslog\": \"rfc3164\" }" },
        { "/log", "{ \"target\": \"syslog:[2001:db8::1]:514\", \"events\": { \"target\": \"syslog:192.0.2.1:514\", "
            + "\"facility\": \"user\", \"level\": \"error\", \"format\": \"json\" } }" },
        { "uniqueId", "true" }, { "uniqueId", "false" },
        { "/admin", "{}" }, { "/admin", "{ \"socket\": \"/run/a.sock\", \"stateDirectory\": \"/var/lib/a\" }" },
        { "/$schema", "\"https://example.org/schema.json\"" },
    };

    /// <summary>Place, an invalid value, the code and the path of the error, a part of the message.</summary>
    public static TheoryData<string, string, string, string, string> InvalidValues => new()
    {
        { "mode", "\"proxy-v3\"", "C032", "mode", "did you mean \"proxy-v2\"?), expected \"proxy-v2\", \"proxy-v1\" or \"raw\"" },
        { "mode", "\"RAW\"", "C032", "mode", "write \"raw\"" },
        { "mode", "2", "C022", "mode", "is the number 2, expected \"proxy-v2\"" },
        { "connectTimeout", "\"61m\"", "C030", "connectTimeout", "from \"1ms\" to \"1h\"" },
        { "totalConnectTimeout", "\"0s\"", "C030", "totalConnectTimeout", "zero is not allowed" },
        { "totalConnectTimeout", "\"3600001ms\"", "C030", "totalConnectTimeout", "too long" },
        { "abortOnClose", "\"true\"", "C022", "abortOnClose", "expected true or false without quotes" },
        { "onAllFailed", "\"drop\"", "C032", "onAllFailed", "expected \"reset\" or \"close\"" },
        { "halfCloseTimeout", "\"0s\"", "C030", "halfCloseTimeout", "zero" },
        { "tcpUserTimeout", "\"999ms\"", "C030", "tcpUserTimeout", "too short" },
        { "tcpUserTimeout", "\"25h\"", "C030", "tcpUserTimeout", "too long" },
        { "dnsRefresh", "\"999ms\"", "C030", "dnsRefresh", "too short" },
        { "dnsRefresh", "\"86401s\"", "C030", "dnsRefresh", "too long" },
        { "sourceAddresses", "\"192.0.2.1\"", "C022", "sourceAddresses", "expected a list" },
        { "sourceAddresses", "[\"192.0.2.1\", \"192.0.2.1\"]", "C034", "sourceAddresses[1]", "expected each value once" },
        { "maxSessions", "0", "C030", "maxSessions", "from 1 to 1000000" },
        { "maxSessions", "1000001", "C030", "maxSessions", "from 1 to 1000000" },
        { "maxSessions", "-1", "C030", "maxSessions", "from 1 to 1000000" },
        { "maxSessions", "99999999999999999999", "C030", "maxSessions", "from 1 to 1000000" },
        { "maxSessions", "1.5", "C031", "maxSessions", "a whole number" },
        { "maxSessions", "1e3", "C031", "maxSessions", "a whole number" },
        { "maxSessions", "\"100\"", "C022", "maxSessions", "is \"100\", expected a number without quotes, write 100" },
        { "keepAlive", "true", "C022", "keepAlive", "expected an object" },
        { "keepAlive", "{ \"idle\": \"999ms\" }", "C030", "keepAlive.idle", "too short" },
        { "keepAlive", "{ \"idle\": \"1500ms\" }", "C030", "keepAlive.idle", "not a whole number of seconds" },
        { "keepAlive", "{ \"idle\": \"32768s\" }", "C030", "keepAlive.idle", "too long" },
        { "keepAlive", "{ \"interval\": \"32768s\" }", "C030", "keepAlive.interval", "too long" },
        { "keepAlive", "{ \"count\": 0 }", "C030", "keepAlive.count", "from 1 to 127" },
        { "keepAlive", "{ \"count\": 128 }", "C030", "keepAlive.count", "from 1 to 127" },
        { "acceptProxy", "{}", "C021", "acceptProxy", "has no key \"from\"" },
        { "acceptProxy", "null", "C022", "acceptProxy", "is null, expected an object" },
        { "acceptProxy", "{ \"from\": [] }", "C033", "acceptProxy.from", "is empty, expected 1 to 256 items" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\", \"10.0.0.1/32\"] }", "C034", "acceptProxy.from[1]", "expected each value once" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"timeout\": \"0s\" }", "C030", "acceptProxy.timeout", "zero" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"timeout\": \"61m\" }", "C030", "acceptProxy.timeout", "too long" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"others\": \"allow\" }", "C032", "acceptProxy.others", "\"refuse\" or \"plain\"" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"crc32c\": \"true\" }", "C022", "acceptProxy.crc32c",
            "true or false without quotes" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"passTlvs\": [\"crc32c\"] }", "C031", "acceptProxy.passTlvs[0]",
            "set \"crc32c\": true" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"passTlvs\": [\"0x03\"] }", "C031", "acceptProxy.passTlvs[0]",
            "set \"crc32c\": true" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"passTlvs\": [\"noop\"] }", "C031", "acceptProxy.passTlvs[0]", "never passed on" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"passTlvs\": [\"0x04\"] }", "C031", "acceptProxy.passTlvs[0]", "never passed on" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"passTlvs\": [\"0x4\"] }", "C031", "acceptProxy.passTlvs[0]", "such as \"0xEA\"" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"passTlvs\": [\"0x 4\"] }", "C031", "acceptProxy.passTlvs[0]", "such as \"0xEA\"" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"passTlvs\": [\"uniqueid\"] }", "C031", "acceptProxy.passTlvs[0]",
            "did you mean \"unique-id\"?" },
        { "acceptProxy", "{ \"from\": [\"10.0.0.1\"], \"passTlvs\": [\"alpn\", \"0x01\"] }", "C034", "acceptProxy.passTlvs[1]",
            "already given" },
        { "allDown", "\"reset\"", "C032", "allDown", "expected \"try-in-order\" or \"fail\"" },
        { "/engine", "{ \"threads\": 0 }", "C030", "engine.threads", "from 1 to 256" },
        { "/engine", "{ \"threads\": 257 }", "C030", "engine.threads", "from 1 to 256" },
        { "/engine", "{ \"maxSessions\": 0 }", "C030", "engine.maxSessions", "from 1 to 1000000" },
        { "/engine", "{ \"drainTimeout\": \"0s\" }", "C030", "engine.drainTimeout", "zero" },
        { "/engine", "[]", "C022", "engine", "is a list, expected an object" },
        { "/log", "{ \"format\": \"xml\" }", "C032", "log.format", "expected \"json\", \"tcplog\", \"tcplog-id\" or \"none\"" },
        { "/log", "\"json\"", "C022", "log", "expected an object" },
        { "/log", "{ \"target\": \"stderr\" }", "C031", "log.target", "expected \"stdout\", \"file:/path\", \"syslog:/path\" or" },
        { "/log", "{ \"target\": \"/var/log/s.log\" }", "C031", "log.target", "write \"file:/var/log/s.log\"" },
        { "/log", "{ \"target\": \"file:s.log\" }", "C031", "log.target", "the path is not absolute" },
        { "/log", "{ \"target\": \"syslog\" }", "C031", "log.target", "write \"syslog:/dev/log\"" },
        { "/log", "{ \"target\": \"syslog:log.example:514\" }", "C031", "log.target", "named by its IP address" },
        { "/log", "{ \"target\": \"syslog:192.0.2.1\" }", "C031", "log.target", "the port is missing" },
        { "/log", "{ \"target\": \"syslog:0.0.0.0:514\" }", "C031", "log.target", "no address to send to" },
        { "/log", "{ \"events\": { \"target\": \"file:/var/log/e.log\" } }", "C031", "log.events.target", "\"journald\"" },
        { "/log", "{ \"events\": { \"level\": \"debug\" } }", "C032", "log.events.level", "expected \"info\", \"warning\" or" },
        { "/log", "{ \"facility\": \"local8\" }", "C032", "log.facility", "\"local7\"" },
        { "/log", "{ \"fileMode\": \"1640\" }", "C030", "log.fileMode", "mean nothing on a file of the log" },
        { "/admin", "{ \"socket\": \"admin.sock\" }", "C031", "admin.socket", "not absolute" },
        { "/admin", "{ \"stateDirectory\": \"lib\" }", "C031", "admin.stateDirectory", "not absolute" },
        { "/admin", "{ \"listen\": [] }", "C033", "admin.listen", "is empty, expected 1 to 8 items" },
        { "/admin", "{ \"listen\": [\"127.0.0.1:0\"] }", "C030", "admin.listen[0]", "port 0 is out of range" },
        { "/admin", "{ \"listen\": [\"unix:/run/a\"] }", "C031", "admin.listen[0]", "a UNIX socket is not allowed here" },
        { "/admin", "{ \"listen\": [\"localhost:80\"] }", "C031", "admin.listen[0]", "an IP address, not a name" },
        { "/admin", "{ \"tokenFile\": \"\" }", "C031", "admin.tokenFile", "a path must not be empty" },
        { "/admin", "{ \"socket\": null }", "C022", "admin.socket", "is null" },
        { "/$schema", "1", "C022", "$schema", "expected a text in quotes, write \"1\"" },
    };

    [Theory]
    [MemberData(nameof(ValidValues))]
    public void Parse_ValidValue_IsTaken(string place, string value) => Given.Valid(At(place, value));

    [Theory]
    [MemberData(nameof(InvalidValues))]
    public void Parse_InvalidValue_IsOneError(string place, string value, string code, string path, string says)
    {
        ConfigurationError error = Given.OnlyError(At(place, value));

        Assert.Equal(code, error.Code);
        Assert.StartsWith((place[0] == '/' ? "" : "services[0].") + path + " ", error.Message);
        Assert.Contains(says, error.Message);
    }

    [Fact]
    public void Parse_ValuesOfEveryKey_AreInTheModel()
    {
        ProxyConfiguration configuration = Given.Valid(Given.Service("""
            "mode": "proxy-v1", "connectTimeout": "1s", "totalConnectTimeout": "3s", "onAllFailed": "close", "idleTimeout": "4m",
            "halfCloseTimeout": "5s", "tcpUserTimeout": "6s", "dnsRefresh": "7s", "sourceAddresses": ["192.0.2.8", "192.0.2.9"], "maxSessions": 10,
            "allDown": "fail", "abortOnClose": true,
            "keepAlive": { "idle": "11s", "interval": "12s", "count": 13 },
            "acceptProxy": { "from": ["10.0.0.1"], "timeout": "14s", "others": "plain", "passTlvs": ["netns", "0xEA", "alpn"], "crc32c": true }
            """, upstreams: """[{ "address": "a.example:1" }, { "name": "b", "address": "b.example:1", "mode": "proxy-v2" }]""")[..^1]
            + """, "engine": { "threads": 15, "maxSessions": 16, "drainTimeout": "17s" }, "log": { "format": "tcplog" } }""");
        ServiceConfiguration service = configuration.Services[0];

        Assert.Equal((AllFailedAction.Close, 10, AllDownSetting.Fail),
            (service.Settings.OnAllFailed, service.Settings.SessionsMax, service.AllDown));
        Assert.True(service.Settings.AbortOnClose);
        Assert.Equal([1, 3, 240, 5, 6, 7],
            new[] { service.Settings.ConnectTimeout, service.Settings.TotalConnectTimeout!.Value, service.Settings.IdleTimeout,
            service.Settings.HalfCloseTimeout, TimeSpan.FromMilliseconds(service.Settings.KeepAlive.UserTimeoutMs),
            service.DnsRefresh }.Select(time => time.TotalSeconds));
        Assert.Equal(["192.0.2.8:0", "192.0.2.9:0"], service.Settings.SourceAddresses.Select(address => address.ToString()));
        Assert.Equal(new KeepAliveOptions(11, 12, 13, 6000), service.Settings.KeepAlive);
        Assert.Equal((14, true, true),
            (service.Settings.AcceptProxy!.Timeout.TotalSeconds, service.Settings.AcceptProxy.ServeOthers,
                service.Settings.AcceptProxy.AddCrc32C));
        Assert.Equal([0x01, 0x30, 0xEA], service.Settings.AcceptProxy.PassTlvs.Select(type => (int)type));
        Assert.Equal([("a.example:1", HeaderMode.ProxyV1), ("b", HeaderMode.ProxyV2)],
            service.Upstreams.Select(upstream => (upstream.Name, upstream.Mode)));
        Assert.Equal((15, 16, 17),
            (configuration.Engine.Threads, configuration.Engine.MaxSessions, configuration.Engine.DrainTimeout.TotalSeconds));
        Assert.Equal(LogFormatSetting.Tcplog, configuration.Log.Format);
    }

    private static string At(string place, string value) =>
        place[0] == '/' ? Given.Root($"\"{place[1..]}\": {value}") : Given.Service($"\"{place}\": {value}");
}
