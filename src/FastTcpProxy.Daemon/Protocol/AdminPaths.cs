using System.Globalization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>
/// The targets of requests. Each name is one segment, whatever its characters: an upstream may be called "unix:/run/x.sock". Pure, any
/// thread.
/// </summary>
internal static class AdminPaths
{
    public const string Status = "/v1/status";
    public const string Config = "/v1/config";
    public const string ConfigDiff = "/v1/config/diff";
    public const string Drain = "/v1/drain";

    public static string Override(string service, string upstream) => $"/v1/services/{Segment(service)}/upstreams/{Segment(upstream)}/override";

    public static string Order(string service) => $"/v1/services/{Segment(service)}/order";

    public static string Session(long id) => string.Create(CultureInfo.InvariantCulture, $"/v1/sessions/{id}");

    public static string Sessions(SessionChoice choice, int? limit = null) => "/v1/sessions" + Query(
        ("service", choice.Service), ("upstream", choice.Upstream), ("client", choice.Client),
        ("limit", limit?.ToString(CultureInfo.InvariantCulture)), ("all", choice.IsAll ? "true" : null));

    public static string Explain(string service, string from) => "/v1/explain" + Query(("service", service), ("from", from));

    public static string Reload(bool reset) => "/v1/reload" + Query(("reset", reset ? "true" : null));

    /// <summary>Dots are encoded where they alone would be a step up or none.</summary>
    private static string Segment(string name) => name is "." or ".." ? name.Replace(".", "%2E", StringComparison.Ordinal) : Uri.EscapeDataString(name);

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
