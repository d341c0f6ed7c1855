using System.Globalization;
using FastTcpProxy.Compare.Measurements;

namespace FastTcpProxy.Compare.Reporting;

/// <summary>The text of a measurement's table, the same on a terminal and in Markdown. Pure, any thread.</summary>
internal static class ReportRows
{
    private const string ContestantHeading = "contestant", QuantityHeading = "quantity";

    /// <summary>Behind a figure that the load and not the proxy limited.</summary>
    public const string LoadBoundMark = "!";

    /// <summary>Behind a figure with failures among its operations.</summary>
    public const string ErrorMark = "E";

    /// <summary>Behind a figure with rounds in which the machine was starved.</summary>
    public const string StarvedMark = "~";

    public static string[] Headings(Measurement measurement) => [.. Columns(measurement).Select(c => c.Heading)];

    public static string[][] Rows(Measurement measurement)
    {
        (string, Func<Figure, string> Text)[] columns = [.. Columns(measurement)];
        return [.. measurement.Figures.Select(figure => columns.Select(c => c.Text(figure)).ToArray())];
    }

    public static ReportTable Table(Measurement measurement) => new(Headings(measurement), Rows(measurement), IsText);

    private static bool IsText(string heading) => heading is ContestantHeading or QuantityHeading;

    public static string Heading(Measurement measurement) =>
        $"{measurement.Title}: {measurement.Unit} ({measurement.Subject}, {measurement.Mode}, {Plural(measurement.Threads, "thread")}, "
        + Plural(measurement.Rounds, "round")
        + (measurement.Connections is { } connections ? $", {Plural(connections, "connection")}" : "")
        + (measurement.Rate is { } rate ? $", {rate.ToString("0", CultureInfo.InvariantCulture)} a second" : "") + ")";

    /// <summary>What the marks of a measurement mean, and its notes; a line each.</summary>
    public static IEnumerable<string> Footnotes(Measurement measurement)
    {
        if (measurement.Figures.Any(f => f.LoadBound))
            yield return $"{LoadBoundMark} the load generator, not the proxy, was the limit: this figure cannot be compared";
        if (measurement.Figures.Any(f => f.Starved)) yield return $"{StarvedMark} contains rounds in which the machine was starved";
        foreach (Figure figure in measurement.Figures.Where(f => f.Errors > 0))
        {
            string name = figure.Quantity is { } quantity ? $"{figure.Contestant} {quantity}" : figure.Contestant;
            yield return $"{ErrorMark} {name}: {Plural(figure.Errors, "error")}, the first: {figure.FirstError ?? "unknown"}";
        }
        foreach (string note in measurement.Notes) yield return note;
    }

    public static string Marks(Figure figure)
    {
        string marks = (figure.LoadBound ? LoadBoundMark : "") + (figure.Starved ? StarvedMark : "") + (figure.Errors > 0 ? ErrorMark : "");
        return marks.Length == 0 ? "" : " " + marks;
    }

    /// <summary>Three digits and more: 0.372, 56.2, 3526.</summary>
    public static string Number(double value) =>
        value.ToString(Math.Abs(value) switch { < 10 => "0.000", < 100 => "0.00", < 1_000 => "0.0", _ => "0" },
            CultureInfo.InvariantCulture);

    private static string Ratio(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";

    private static string Share(double? value) =>
        value is { } share ? (share * 100).ToString("0", CultureInfo.InvariantCulture) + " %" : "";

    private static string Plural(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>The columns that have something to say.</summary>
    private static IEnumerable<(string Heading, Func<Figure, string> Text)> Columns(Measurement measurement)
    {
        yield return (ContestantHeading, f => f.Contestant);
        if (measurement.Figures.Any(f => f.Quantity is not null)) yield return (QuantityHeading, f => f.Quantity ?? "");
        yield return ("median", f => Number(f.Median) + Marks(f));
        yield return ("min", f => Number(f.Min));
        yield return ("max", f => Number(f.Max));
        yield return ("this/ours", f => Ratio(f.Ratio));
        if (measurement.Figures.Any(f => f.ProxyUtilization is not null)) yield return ("proxy CPU", f => Share(f.ProxyUtilization));
        if (measurement.Figures.Any(f => f.LoadUtilization is not null)) yield return ("load CPU", f => Share(f.LoadUtilization));
    }
}
