
namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Keys that other proxies have, and what there is here in their place. They are compared without case, spaces, hyphens and underscores.
/// Pure, any thread.
/// </summary>
internal static class ForeignKeys
{
    private const string Upstreams = "servers are \"upstreams\": [{ \"address\": \"name:port\" }] of a service";
    private const string Services = "a service has \"listen\" and \"upstreams\", and stands in \"services\"";
    private const string Check = "checks of upstreams are configured in \"healthCheck\"";
    private const string NoBalance = "clients are not balanced: each gets the first upstream of the list that accepts";
    private const string Mode = "the header for upstreams is \"mode\": \"proxy-v2\", \"proxy-v1\" or \"raw\"";
    private const string Timeouts = "there are \"connectTimeout\", \"idleTimeout\" and \"halfCloseTimeout\" of a service";
    private const string NoTls = "the proxy passes TLS on as it is, and needs no certificate for it";
    private const string Address = "write \"address\": \"name:port\", with the port in it";
    private const string SessionsMax = "the bound is \"maxSessions\" of a service";
    private const string CheckBody = "what the answer must contain is \"body\"";
    private const string CheckPath = "the path is part of \"url\", such as \"http://{host}:{port}/health\"";
    private const string CheckAddress = "it is part of \"url\"; a check of another type than http has it in \"address\"";
    private const string GoodProbes = "how many good probes make a check good is \"probes\": { \"successes\": 2 }";
    private const string BadProbes = "how many bad probes make a check bad is \"probes\": { \"failures\": 3 }";
    private const string AdminListen = "addresses are \"listen\": [\"127.0.0.1:9470\"], beside \"tokenFile\"";
    private const string Scrape =
        "metrics are at /metrics of the administrative interface: \"admin\": { \"socket\": \"/run/fasttcpproxy/admin.sock\" }";
    private const string Disabled = "an upstream without clients has \"enabled\": false";
    private const string Status = "status codes that make a probe bad are \"expect\": { \"failStatus\": [\"4xx\", \"5xx\"] }";

    private static readonly Dictionary<string, (string Advice, string? Key)> Known = new(StringComparer.Ordinal)
    {
        ["RISE"] = (Check, null), ["FALL"] = (Check, null), ["INTER"] = (Check, null), ["FASTINTER"] = (Check, null),
        ["CHECK"] = (Check, null), ["OPTIONHTTPCHK"] = (Check, null), ["HTTPCHK"] = (Check, null), ["MAXFAILS"] = (Check, null),
        ["FAILTIMEOUT"] = (Check, null), ["HEALTH"] = (Check, null), ["HEALTHCHECKS"] = (Check, null),
        ["WEIGHT"] = (NoBalance, null), ["BALANCE"] = (NoBalance, null), ["ROUNDROBIN"] = (NoBalance, null),
        ["LEASTCONN"] = (NoBalance, null), ["LBPOLICY"] = (NoBalance, null), ["ALGORITHM"] = (NoBalance, null),
        ["STICK"] = (NoBalance, null), ["STICKY"] = (NoBalance, null), ["STICKINESS"] = (NoBalance, null),
        ["STICKTABLE"] = (NoBalance, null), ["HASH"] = (NoBalance, null), ["LOADBALANCER"] = (NoBalance, null),
        ["SESSIONAFFINITY"] = (NoBalance, null),
        ["DISABLE"] = (Disabled, null), ["DISABLED"] = (Disabled, null), ["DOWN"] = (Disabled, null),
        ["BACKUP"] = ("the order of \"upstreams\" says it: each is the backup of those before it", null),
        ["PRIORITY"] = ("the order of \"upstreams\" says which is tried first", null),
        ["MAXCONN"] = (SessionsMax, null), ["MAXCONNECTIONS"] = (SessionsMax, null),
        ["TIMEOUT"] = (Timeouts, null), ["TIMEOUTCONNECT"] = ("this is \"connectTimeout\" of a service", null),
        ["PROXYCONNECTTIMEOUT"] = ("this is \"connectTimeout\" of a service", null),
        ["TIMEOUTCLIENT"] = ("this is \"idleTimeout\" of a service", null),
        ["TIMEOUTSERVER"] = ("this is \"idleTimeout\" of a service", null),
        ["TIMEOUTTUNNEL"] = ("this is \"idleTimeout\" of a service", null),
        ["PROXYTIMEOUT"] = ("this is \"idleTimeout\" of a service", null),
        ["TIMEOUTCHECK"] = (Check, null),
        ["SENDPROXY"] = (Mode, null), ["SENDPROXYV2"] = (Mode, null), ["PROXYPROTOCOL"] = (Mode, null),
        ["SERVER"] = (Upstreams, "upstreams"), ["SERVERS"] = (Upstreams, "upstreams"), ["PROXYPASS"] = (Upstreams, "upstreams"),
        ["UPSTREAM"] = (Upstreams, "upstreams"), ["BACKEND"] = (Upstreams, "upstreams"), ["BACKENDS"] = (Upstreams, "upstreams"),
        ["TARGET"] = (Upstreams, "upstreams"), ["TARGETS"] = (Upstreams, "upstreams"), ["CLUSTERS"] = (Upstreams, "upstreams"),
        ["FRONTEND"] = (Services, "services"), ["FRONTENDS"] = (Services, "services"), ["STREAM"] = (Services, "services"),
        ["HTTP"] = (Services, "services"), ["LISTENERS"] = (Services, "services"), ["STATICRESOURCES"] = (Services, "services"),
        ["TCP"] = (Services, "services"), ["ENTRYPOINTS"] = (Services, "services"), ["ROUTERS"] = (Services, "services"),
        ["BIND"] = ("addresses to listen on are \"listen\": [\"0.0.0.0:25\"] of a service", "listen"),
        ["HOST"] = (Address, "address"), ["PORT"] = (Address, "address"), ["IP"] = (Address, "address"), ["URL"] = (Address, "address"),
        ["SSL"] = (NoTls, null), ["TLS"] = (NoTls, null), ["CRT"] = (NoTls, null), ["SSLCERTIFICATE"] = (NoTls, null),
        ["GLOBAL"] = ("settings of the process are in \"engine\"", null),
        ["DEFAULTS"] = ("each service has its own keys", null),
        ["NBTHREAD"] = ("the number of threads is \"threads\" in \"engine\"", null),
        ["WORKERPROCESSES"] = ("the number of threads is \"threads\" in \"engine\"", null),
        ["WORKERCONNECTIONS"] = ("the bound is \"maxSessions\" in \"engine\"", null),
        ["LOGFORMAT"] = ("the session log is \"log\": { \"format\": \"json\" }", null),
        ["ACCESSLOG"] = ("the session log is \"log\": { \"format\": \"json\" }", null),
        ["RETRIES"] = ("each upstream is tried once for a client, in the order of the list", null),
        ["RESOLVER"] = ("the resolver of the system is asked, every \"dnsRefresh\"", null),
        ["STATS"] = ("the state is shown by `fasttcpproxy status`, over \"socket\" in \"admin\"", null),
        ["COMMENT"] = ("comments are written as // or /* */", null), ["//"] = ("comments are written as // or /* */", null),
        ["PROTOCOL"] = ("each service proxies TCP and nothing else, so there is no such key", null),
        ["INCLUDE"] = ("a configuration is one file", null),
    };

    /// <summary>Within a check these words mean other things.</summary>
    private static readonly Dictionary<string, (string Advice, string? Key)> KnownOfCheck = new(StringComparer.Ordinal)
    {
        ["PATH"] = (CheckPath, "url"), ["URI"] = (CheckPath, "url"), ["ENDPOINT"] = (CheckPath, "url"), ["HTTPPATH"] = (CheckPath, "url"),
        ["HOST"] = (CheckAddress, null), ["PORT"] = (CheckAddress, null), ["IP"] = (CheckAddress, null),
        ["RISE"] = (GoodProbes, null), ["FALL"] = (BadProbes, null), ["MAXFAILS"] = (BadProbes, null), ["RETRIES"] = (BadProbes, null),
        ["HEALTHYTHRESHOLD"] = (GoodProbes, null), ["UNHEALTHYTHRESHOLD"] = (BadProbes, null),
        ["INTER"] = ("the time between checks is \"interval\"", null), ["TIMEOUTCHECK"] = ("this is \"timeout\"", null),
        ["STATUS"] = (Status, null), ["EXPECTEDSTATUS"] = (Status, null), ["STATUSES"] = (Status, null), ["CODE"] = (Status, null),
        ["SENDPROXY"] = ("this is \"proxyHeader\": \"v1\"", null), ["SENDPROXYV2"] = ("this is \"proxyHeader\": \"v2\"", null),
        ["PROXYPROTOCOL"] = ("this is \"proxyHeader\": \"v1\" or \"v2\"", null),
    };

    /// <summary>The words of single objects, by the key of the object. Nothing else is meant there.</summary>
    private static readonly Dictionary<string, Dictionary<string, (string Advice, string? Key)>> KnownOf = new(StringComparer.Ordinal)
    {
        ["healthCheck"] = KnownOfCheck,
        ["expect"] = new(StringComparer.Ordinal)
        {
            ["STATUS"] = (Status, null), ["STATUSES"] = (Status, null), ["CODE"] = (Status, null), ["STRING"] = (CheckBody, null),
            ["RSTRING"] = (CheckBody, null), ["TEXT"] = (CheckBody, null), ["MATCH"] = (CheckBody, null),
        },
        ["tls"] = new(StringComparer.Ordinal)
        {
            ["CA"] = ("this is \"caFile\"", null), ["CAPATH"] = ("this is \"caFile\"", null),
            ["TRUSTEDCA"] = ("this is \"caFile\"", null), ["CERT"] = ("this is \"certFile\"", null),
            ["CRT"] = ("this is \"certFile\"", null), ["CERTIFICATE"] = ("this is \"certFile\"", null),
            ["KEY"] = ("this is \"keyFile\"", null), ["SNI"] = ("this is \"serverName\"", null),
        },
        ["admin"] = new(StringComparer.Ordinal)
        {
            ["ADDRESS"] = (AdminListen, null), ["BIND"] = (AdminListen, null), ["HOST"] = (AdminListen, null),
            ["PORT"] = (AdminListen, null), ["TOKEN"] = ("the token is in a file: \"tokenFile\": \"admin.token\"", null),
            ["CERT"] = ("this is \"certFile\"", null), ["KEY"] = ("this is \"keyFile\"", null),
        },
        ["metrics"] = new(StringComparer.Ordinal)
        {
            ["ADDRESS"] = (Scrape, null), ["LISTEN"] = (Scrape, null), ["HOST"] = (Scrape, null), ["PORT"] = (Scrape, null),
            ["PATH"] = (Scrape, null), ["PROMETHEUS"] = (Scrape, null), ["ENABLED"] = (Scrape, null),
        },
    };

    /// <summary>What there is in its place, and the key of this format that it stands for; null for a key that is not known.</summary>
    /// <param name="path">The object that has the key, as messages name it.</param>
    /// <param name="key">The key, as the file has it.</param>
    public static (string Advice, string? Key)? Find(string path, string key)
    {
        string plain = string.Concat(key.Where(c => c is not (' ' or '-' or '_' or '.'))).ToUpperInvariant();
        string holder = path[(path.LastIndexOf('.') + 1)..];
        return KnownOf.GetValueOrDefault(holder, Known).TryGetValue(plain, out (string Advice, string? Key) found) ? found : null;
    }
}
