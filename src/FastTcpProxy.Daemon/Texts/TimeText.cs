using System.Globalization;

namespace FastTcpProxy.Daemon.Texts;

/// <summary>Times as people say them. Pure, any thread.</summary>
internal static class TimeText
{
    /// <summary>The two largest units that say something: "12s", "3m 12s", "2h 5m", "4d 3h". What is not over yet counts as "0s".</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0s",
        { TotalMinutes: < 1 } => $"{span.Seconds}s",
        { TotalHours: < 1 } => Two(span.Minutes, "m", span.Seconds, "s"),
        { TotalDays: < 1 } => Two(span.Hours, "h", span.Minutes, "m"),
        _ => Two((int)span.TotalDays, "d", span.Hours, "h"),
    };

    /// <summary>"3m 12s ago", or "just now" within a second; clocks that differ do not make it the future.</summary>
    public static string Ago(TimeSpan span) => span.TotalSeconds < 1 ? "just now" : $"{Span(span)} ago";

    /// <summary>How long something took: "under 0.1 ms", "0.4 ms", "12 ms", "5.0 s". Nothing takes no time.</summary>
    public static string Milliseconds(double milliseconds) => milliseconds switch
    {
        < 0.1 => "under 0.1 ms",
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0} ms"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
    };

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit} {small}{smallUnit}";
}
