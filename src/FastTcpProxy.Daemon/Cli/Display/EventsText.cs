using System.Globalization;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using Spectre.Console;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>
/// Events as people read them. A terminal gets a line for the day, the time in the lines below it, and below the first event of each number
/// what to do. A file or a pipe gets each event as one whole line, in the form of the operational log. Remembers the day and the numbers;
/// used by one thread.
/// </summary>
internal sealed class EventsText
{
    private readonly HashSet<int> _advised = [];
    private DateOnly? _day;

    /// <summary>One event, with the ends of its lines.</summary>
    public string Lines(EventDocument recent, Screen screen)
    {
        string text = recent.Count > 1 ? $"{recent.Text} ({recent.Count} times)" : recent.Text;
        if (screen.Width == Screen.Unbounded)
            return OneLine.Escape(string.Create(CultureInfo.InvariantCulture,
                $"{recent.At:yyyy-MM-ddTHH:mm:ss.fffZ} {recent.Level} {recent.Id} {text}")) + "\n";
        DateOnly day = DateOnly.FromDateTime(recent.At);
        string heading = day == _day ? "" : screen.Draw([TextTable.Line($"{day:yyyy-MM-dd} UTC", TextStyles.Heading)]);
        _day = day;
        string front = string.Create(CultureInfo.InvariantCulture, $"{recent.At:HH:mm:ss} {recent.Level,-7} {recent.Id}");
        TextTable line = new("!", "");
        line.Add(TextTable.Cell(front, StyleOf(recent.Level)), TextTable.Cell(text));
        if (EventAdvice.Of(recent.Id) is { } advice && _advised.Add(recent.Id))
            line.Add(TextTable.Cell(""), TextTable.Cell($"What to do: {advice.Replace("`", "", StringComparison.Ordinal)}"));
        return heading + screen.Draw([line.Done()]);
    }

    private static Style StyleOf(string level) => level switch
    {
        "warning" => TextStyles.Attention,
        "error" => TextStyles.Bad,
        _ => Style.Plain,
    };
}
