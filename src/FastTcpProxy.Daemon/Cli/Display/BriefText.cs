using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>
/// A status with one line for each service, the worst first, in 80 columns, or in more where names need them: since when an upstream of it
/// is down (the one that went down last), and what failover costs its clients now. Pure, any thread.
/// </summary>
internal static class BriefText
{
    /// <summary>A longer name is cut, with "~" at its end, where the screen has no more columns than <see cref="Columns"/>.</summary>
    private const int NameWidth = 18;

    private const int Columns = 80;

    /// <param name="width">Of the screen, in characters.</param>
    public static string Of(StatusDocument status, DateTime now, int width)
    {
        int longest = status.Services.Select(s => OneLine.Escape(s.Name).Length).DefaultIfEmpty().Max();
        int nameWidth = Math.Clamp(longest, NameWidth, NameWidth + Math.Max(width - Columns, 0));
        List<string> lines = [Summary(status), .. status.Trouble.Select(t => OneLine.Escape(t))];
        lines.Add(Line("Service".PadRight(nameWidth), "State", "Up", "Down", "Active", "New/s", "Failed", "Refused", "Cost p99"));
        lines.AddRange(status.Services.OrderBy(Rank)
            .ThenByDescending(s => s.Traffic?.PerSecond?.Failed ?? 0)
            .ThenByDescending(s => s.Traffic is null ? 0 : TrafficText.CostMs(s.Traffic))
            .ThenByDescending(s => s.Upstreams.Count(u => u.Health.State == "down"))
            .ThenByDescending(s => s.Traffic?.Failed ?? 0)
            .ThenByDescending(s => s.Traffic?.Refused ?? 0)
            .ThenByDescending(s => s.Sessions)
            .Select(s => Service(s, now, nameWidth)));
        return string.Concat(lines.Select(line => line.TrimEnd() + "\n"));
    }

    /// <summary>How many services are in which state, and the totals.</summary>
    public static string Summary(StatusDocument status)
    {
        List<string> states = [];
        foreach ((string state, string word) in (ReadOnlySpan<(string, string)>)
            [("notReady", "not ready"), ("degraded", "degraded"), ("ready", "ready")])
        {
            if (status.Services.Count(s => s.Readiness == state) is > 0 and int count)
                states.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {word}"));
        }
        string rates = status.Traffic is { } all
            ? $"; {Short(all.Active)} active, {TrafficText.PerSecond(all.PerSecond?.Accepted ?? 0)} clients/s, {Short(all.Failed)} failed"
            : "";
        return $"{Counted.Of(status.Services.Length, "service")}: {string.Join(", ", states)}{rates}";
    }

    private static string Service(ServiceDocument service, DateTime now, int nameWidth)
    {
        TrafficDocument? traffic = service.Traffic;
        string name = OneLine.Escape(service.Name);
        return Line(
            (name.Length > nameWidth ? name[..(nameWidth - 1)] + "~" : name).PadRight(nameWidth),
            service.Readiness == "notReady" ? "not ready" : OneLine.Escape(service.Readiness),
            string.Create(CultureInfo.InvariantCulture,
                $"{service.Upstreams.Count(u => u.Serving && u.Health.State != "down")}/{service.Upstreams.Length}"),
            service.Upstreams.Where(u => u.Health.State == "down").Max(u => u.Health.Since) is { } since ? TimeText.Span(now - since) : "-",
            Short(service.Sessions),
            traffic?.PerSecond is { } rates ? TrafficText.PerSecond(rates.Accepted) : "-",
            traffic is null ? "-" : Short(traffic.Failed),
            traffic is null ? "-" : Short(traffic.Refused),
            traffic is null || TrafficText.CostMs(traffic) == 0 ? "-" : TrafficText.Bound(traffic.PerSecond!.FailoverCostMs!.P99));
    }

    /// <summary>The worst first.</summary>
    public static int Rank(ServiceDocument service) => service.Readiness switch { "notReady" => 0, "degraded" => 1, _ => 2 };

    /// <summary>At most six characters: "12345", "123k", "12M".</summary>
    private static string Short(long number) => number switch
    {
        < 100_000 => number.ToString(CultureInfo.InvariantCulture),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{number / 1000}k"),
        < 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{number / 1_000_000}M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{number / 1_000_000_000}G"),
    };

    private static string Line(string name, string state, string up, string since, string active, string rate, string failed,
        string refused, string cost) =>
        $"{name} {state,-9} {up,5} {since,7} {active,6} {rate,6} {failed,6} {refused,7} {cost}";
}
