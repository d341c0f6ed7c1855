using System.Collections.Immutable;
using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Texts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>A status as people read it. Its content came from outside, so control characters are escaped. Pure, any thread.</summary>
internal static class StatusText
{
    /// <summary>Errors of a reload that failed: the first ones say it, and the log has all.</summary>
    private const int ErrorsShown = 5;

    /// <summary>
    /// Heading lines and a table for each service, the worst first. Where the tables are wider than the screen, what the checks saw and
    /// when the next ones are due stands below them and not in their last columns, of those only that are not simply up; addresses too,
    /// where a name or an address would still be broken.
    /// </summary>
    public static string Table(StatusDocument status, Screen screen, DateTime now) =>
        screen.DrawFitting(
            inColumns => [.. Process(status, now), .. status.Services.OrderBy(BriefText.Rank)
                .SelectMany(service => Service(service, now, inColumns, screen))]);

    private static IEnumerable<IRenderable> Process(StatusDocument status, DateTime now)
    {
        Paragraph first = new();
        first.Append($"fasttcpproxy {OneLine.Escape(status.Version)}, process {status.Pid}, up {TimeText.Span(now - status.StartedAt)}, ");
        (string word, Style style) = status switch
        {
            { State: not "serving" } => (OneLine.Escape(status.State), TextStyles.Bad),
            { Ready: false } => ("not ready", TextStyles.Bad),
            { Readiness: "degraded" } => ("degraded", TextStyles.Attention),
            _ => ("ready", TextStyles.Good),
        };
        first.Append(word, style);
        yield return first.Append("\n");
        ConfigDocument config = status.Config;
        yield return TextTable.Line($"configuration {config.Source}, loaded {TimeText.Ago(now - config.LoadedAt)} ({config.Author})");
        foreach (string line in TrafficText.Process(status)) yield return TextTable.Line(line);
        foreach (string line in TrafficText.Worst(status)) yield return TextTable.Line(line, TextStyles.Attention);
        foreach (string line in status.Trouble) yield return TextTable.Line(line, TextStyles.Bad);
        if (status.Draining is { } draining) yield return TextTable.Line(Draining(draining, now), TextStyles.Attention);
        foreach (string line in status.NotReady) yield return TextTable.Line($"not ready: {Short(status, line)}", TextStyles.Bad);
        foreach (string line in status.Degraded ?? [])
            yield return TextTable.Line($"degraded: {Short(status, line)}", TextStyles.Attention);
        if (config.LastFailure is { } failure)
        {
            yield return TextTable.Line($"last reload failed {TimeText.Ago(now - failure.At)} ({failure.Author}), nothing was changed:",
                TextStyles.Bad);
            foreach (string error in failure.Errors.Take(ErrorsShown)) yield return TextTable.Note(error);
            if (failure.Errors.Length > ErrorsShown) yield return TextTable.Note($"and {failure.Errors.Length - ErrorsShown} more");
        }
        foreach (GenerationDocument generation in status.Generations)
        {
            yield return TextTable.Line(
                $"process {GenerationName.Of(generation.Socket, generation.Pid)}, an earlier generation, "
                + $"up {TimeText.Span(now - generation.StartedAt)}, drains: {Counted.Of(generation.Sessions, "session")}",
                TextStyles.Attention);
        }
        if (status.GenerationsMore > 0)
            yield return TextTable.Line($"and {Counted.Of(status.GenerationsMore, "more earlier generation")}", TextStyles.Attention);
        if (!status.Stored && status.Services.Any(s => s.Order is not null || s.Upstreams.Any(u => u.Override is not null)))
            yield return TextTable.Line("overrides are lost when the process exits: there is no admin.stateDirectory",
                TextStyles.Attention);
    }

    /// <summary>A line about a service without what each of its upstreams is like, which stands in the table.</summary>
    internal static string Short(StatusDocument status, string line) =>
        status.Services.Any(s => line.StartsWith($"service {s.Name}: ", StringComparison.Ordinal)) ? line.Split(" (")[0] : line;

    /// <summary>"draining for 3m, since 2026-02-03 04:02:06Z: process 4712 has taken over; sessions may continue".</summary>
    private static string Draining(DrainingDocument draining, DateTime now)
    {
        string left = draining.Until is { } until
            ? $"sessions that are left are reset in {TimeText.Span(until - now)}"
            : "sessions may continue";
        return string.Create(CultureInfo.InvariantCulture,
            $"draining for {TimeText.Span(now - draining.Since)}, since {draining.Since:yyyy-MM-dd HH:mm:ss}Z: {draining.Cause}; {left}");
    }

    private static IEnumerable<IRenderable> Service(ServiceDocument service, DateTime now, bool inColumns, Screen screen)
    {
        yield return Headline(service);
        if (service.Traffic is { } traffic) yield return TextTable.Line(TrafficText.Service(traffic));
        if (service.Order is { } order) yield return TextTable.Line(OverrideText.Describe(order, now), TextStyles.Attention);
        bool hasAddresses = inColumns || screen.Fits([Upstreams(service.Upstreams, now, hasAddresses: true, withLast: false)]);
        yield return Upstreams(service.Upstreams, now, hasAddresses, withLast: inColumns);
        foreach (UpstreamDocument upstream in service.Upstreams)
        {
            if (SaysMore(upstream, service)) yield return TextTable.Note($"{upstream.Name}: {upstream.Why}");
            if (upstream.Standing is { } standing) yield return TextTable.Note($"{upstream.Name}: {standing}", TextStyles.Attention);
            if (upstream.HeaderDoubt is { } doubt) yield return TextTable.Note($"{upstream.Name}: {doubt}", TextStyles.Attention);
            if (TrafficText.Failures(upstream) is { } failures) yield return TextTable.Note($"{upstream.Name}: {failures}");
            if (!inColumns && Below(upstream, now, hasAddresses) is { Length: > 0 } below)
                yield return TextTable.Note($"{upstream.Name}: {below}");
        }
    }

    /// <summary>What has no room in the table, and what of it says more than the table; empty: nothing.</summary>
    private static string Below(UpstreamDocument upstream, DateTime now, bool hasAddress)
    {
        HealthDocument health = upstream.Health;
        bool isAsItShouldBe = !health.Checked || health is { State: "up", Flapping: false, LastCheck.Result: "good" };
        string next = Next(health, now);
        string[] parts =
        [
            hasAddress ? "" : upstream.Configured.Address,
            isAsItShouldBe ? "" : Last(health),
            isAsItShouldBe || next.Length == 0 ? "" : $"next check {next}",
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0));
    }

    /// <summary>A service, its addresses and sessions, and what is special about it, on a line after an empty one.</summary>
    internal static Paragraph Headline(ServiceDocument service)
    {
        Paragraph line = new("\n");
        line.Append(OneLine.Escape(service.Name), TextStyles.Heading);
        line.Append($" on {OneLine.Escape(string.Join(", ", service.Listen))}, {Counted.Of(service.Sessions, "session")}");
        bool serves = service.Upstreams.Any(u => u.Serving);
        if (service.AllDown && serves) line.Append($", every enabled upstream is down: {Tried(service)} (allDown)", TextStyles.Bad);
        else if (service.AllDown) line.Append(", every enabled upstream is down", TextStyles.Bad);
        else if (!serves) line.Append(", no upstream serves", TextStyles.Bad);
        line.Append("\n");
        return line;
    }

    /// <summary>What is tried although it is down: not what is disabled or draining, and not what has no address.</summary>
    private static string Tried(ServiceDocument service) =>
        service.Upstreams.All(u => u.Serving) ? "all are tried in order" : "the enabled ones are tried in order";

    /// <summary>
    /// Whether the reason is more than the state of health that stands beside it, and than what the heading says of an upstream that is
    /// tried although it is down.
    /// </summary>
    private static bool SaysMore(UpstreamDocument upstream, ServiceDocument service) =>
        upstream.Override is not null || !upstream.Configured.Enabled
        || (upstream.Health.State == "down" ? upstream.Serving && !service.AllDown : !upstream.Serving);

    internal static Text Serving(bool serves) => serves ? new Text("yes") : new Text("no", TextStyles.Bad);

    internal static Text Override(OverrideDocument? set) =>
        TextTable.Cell(set?.State, set?.State == "enabled" ? TextStyles.Good : TextStyles.Attention);

    internal static Paragraph Health(HealthDocument health)
    {
        // Without a check there is no state.
        string word = health.Checked ? health.State : "unchecked";
        Style style = word switch
        {
            "up" => TextStyles.Good,
            "down" => TextStyles.Bad,
            "unchecked" => Style.Plain,
            _ => TextStyles.Attention,
        };
        Paragraph state = new(OneLine.Escape(word), style);
        if (health.Flapping) state.Append("\nflapping", TextStyles.Attention);
        return state;
    }

    private static IRenderable Upstreams(ImmutableArray<UpstreamDocument> upstreams, DateTime now, bool hasAddresses, bool withLast)
    {
        bool hasOverride = upstreams.Any(u => u.Override is not null);
        string[] addresses = hasAddresses ? ["Address"] : [], overrides = hasOverride ? ["!Override"] : [],
            checks = withLast ? ["!Next check", "Last check"] : [];
        TextTable table = new(["Upstream", .. addresses, "!Serving", .. overrides, "!Sessions#", "!Health", "!Since", .. checks]);
        foreach (UpstreamDocument upstream in upstreams)
        {
            List<IRenderable> cells = [TextTable.Cell(upstream.Name)];
            if (hasAddresses) cells.Add(TextTable.Cell(upstream.Configured.Address));
            cells.Add(Serving(upstream.Serving));
            if (hasOverride) cells.Add(Override(upstream.Override));
            cells.Add(new Text(upstream.Sessions.ToString(CultureInfo.InvariantCulture)));
            cells.Add(Health(upstream.Health));
            cells.Add(new Text(upstream.Health.Since is { } since ? TimeText.Span(now - since) : ""));
            if (withLast) cells.AddRange([new Text(Next(upstream.Health, now)), TextTable.Cell(Last(upstream.Health))]);
            table.Add(cells);
        }
        return table.Done();
    }

    private static string Next(HealthDocument health, DateTime now) => health.NextCheck switch
    {
        null => "",
        { } next when next <= now => "now",
        { } next => "in " + TimeText.Span(next - now + TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1)),
    };

    private static string Last(HealthDocument health)
    {
        if (health.LastCheck is not { } last) return health.Reason;
        string probes = last.Probes.Length > 1 ? $", {Counted.Of(last.Probes.Length, "probe")}" : "";
        return $"{last.Result}: {health.Reason} ({TimeText.Milliseconds(last.DurationMs)}{probes})";
    }
}
