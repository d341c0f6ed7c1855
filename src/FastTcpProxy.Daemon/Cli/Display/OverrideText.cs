using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>The text of overrides, for people. Not escaped. Pure, any thread.</summary>
internal static class OverrideText
{
    /// <summary>"disabled by root 3m ago, until 2026-11-23 23:30:00Z (in 27m): new disk", or "order b, a set by root 3m ago".</summary>
    public static string Describe(OverrideDocument set, DateTime now)
    {
        string what = set.State ?? $"order {string.Join(", ", set.Names ?? [])} set";
        string until = set.Expires is { } end
            ? string.Create(CultureInfo.InvariantCulture, $", until {end:yyyy-MM-dd HH:mm:ss}Z (in {TimeText.Span(end - now)})")
            : "";
        return $"{what} by {set.Author} {TimeText.Ago(now - set.At)}{until}" + (set.Reason.Length > 0 ? $": {set.Reason}" : "");
    }

    /// <summary>What a refused change found: an override, an order, or null.</summary>
    public static string DescribeAny(JsonElement? found, DateTime now)
    {
        if (found is not { ValueKind: JsonValueKind.Object } set) return "nothing is set now";
        try
        {
            return $"now it is {Describe(set.Deserialize(DocumentContext.Default.OverrideDocument)!, now)}";
        }
        catch (JsonException)
        {
            return "what is set now cannot be read";
        }
    }

    /// <summary>Which upstreams serve, as a sentence: "1 of 2 upstreams of mail serves: secondary".</summary>
    public static string Serving(ServiceDocument service)
    {
        ImmutableArray<string> serving = [.. service.Upstreams.Where(u => u.Serving).Select(u => u.Name)];
        return serving.IsEmpty
            ? $"no upstream of {service.Name} serves"
            : string.Create(CultureInfo.InvariantCulture, $"{serving.Length} of {Counted.Of(service.Upstreams.Length, "upstream")} "
            + $"of {service.Name} {(serving.Length == 1 ? "serves" : "serve")}: {string.Join(", ", serving)}");
    }
}
