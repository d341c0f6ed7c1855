using System.Globalization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>
/// Where everything of the interface is: the paths, which the routes match, and the targets of a client's requests, which follow from them.
/// A name in braces stands for one segment, whatever is in it: an upstream may be called "unix:/run/x.sock". Pure, any thread.
/// </summary>
internal static class AdminPaths
{
    public const string Live = "/livez";
    public const string Ready = "/readyz";
    public const string Metrics = "/metrics";
    public const string Status = "/v1/status";
    public const string Override = "/v1/services/{service}/upstreams/{upstream}/override";
    public const string Order = "/v1/services/{service}/order";
    public const string Sessions = "/v1/sessions";
    public const string Session = "/v1/sessions/{id}";
    public const string Explain = "/v1/explain";
    public const string Config = "/v1/config";
    public const string ConfigDiff = "/v1/config/diff";
    public const string Reload = "/v1/reload";
    public const string Drain = "/v1/drain";
    public const string LogReopen = "/v1/log/reopen";
    public const string Events = "/v1/events";
    public const string EventStream = "/v1/events/stream";
    public const string Verbose = "/v1/verbose";
    public const string VerboseRule = "/v1/verbose/{id}";
    public const string Block = "/v1/block";
    public const string BlockImport = "/v1/block/import";
    public const string BlockFlush = "/v1/block/flush";
    public const string BlockCheck = "/v1/block/check";
    public const string OpenApi = "/v1/openapi.json";

    /// <param name="upstream">Null: the order of the service.</param>
    public static string ToOverride(string service, string? upstream) => upstream is null
        ? Fill(Order, ("service", service))
        : Fill(Override, ("service", service), ("upstream", upstream));

    public static string ToSession(string id) => Fill(Session, ("id", id));

    /// <param name="id">Null: all of them.</param>
    public static string ToVerbose(long? id) =>
        id is { } one ? Fill(VerboseRule, ("id", one.ToString(CultureInfo.InvariantCulture))) : Verbose;

    public static string ToSessions(SessionChoice choice, int? limit = null) => Sessions + Query(
        ("service", choice.Service), ("upstream", choice.Upstream), ("client", choice.Client),
        ("limit", limit?.ToString(CultureInfo.InvariantCulture)), ("all", choice.IsAll ? "true" : null));

    public static string ToExplain(string service, string from) => Explain + Query(("service", service), ("from", from));

    public static string ToEvents(EventChoice choice, int? limit) => Events + Query(
        ("since", choice.Since), ("level", choice.Level), ("service", choice.Service),
        ("limit", limit?.ToString(CultureInfo.InvariantCulture)));

    public static string ToEventStream(EventChoice choice) =>
        EventStream + Query(("since", choice.Since), ("level", choice.Level), ("service", choice.Service));

    public static string ToBlock(string network, string action, string? service) =>
        Block + Query(("network", network), ("action", action), ("service", service));

    public static string ToBlockList(string action, string? service, int? limit) => Block + Query(
        ("action", action), ("service", service), ("limit", limit?.ToString(CultureInfo.InvariantCulture)));

    public static string ToBlockCheck(string address) => BlockCheck + Query(("address", address));

    /// <param name="time">How long the entries hold; null: for good.</param>
    public static string ToBlockImport(string? service, string? time, string? reason) =>
        BlockImport + Query(("service", service), ("for", time), ("reason", reason));

    public static string ToBlockFlush(string action, string? service) => BlockFlush + Query(("action", action), ("service", service));

    public static string ToReload(bool reset) => Reload + Query(("reset", reset ? "true" : null));

    private static string Fill(string path, params ReadOnlySpan<(string Name, string Value)> names)
    {
        string[] segments = path.Split('/');
        foreach ((string name, string value) in names) segments[Array.IndexOf(segments, $"{{{name}}}")] = Segment(value);
        return string.Join('/', segments);
    }

    /// <summary>Dots are encoded where they alone would be a step up or none.</summary>
    private static string Segment(string name) => name is "." or ".."
        ? name.Replace(".", "%2E", StringComparison.Ordinal)
        : Uri.EscapeDataString(name);

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        string query = "";
        foreach ((string name, string? value) in parameters)
        {
            if (value is not null) query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";
        }
        return query;
    }
}
