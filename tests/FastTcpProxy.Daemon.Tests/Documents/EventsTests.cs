using System.Globalization;
using System.Reflection;
using System.Text;
using FastTcpProxy.Daemon.Logging;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Tests.Documents;

/// <summary>
/// docs/events.md has every event of the code, its level, its text and the advice that stands at it. With FASTTCPPROXY_WRITE_DOCUMENTS=1
/// the page is written anew.
/// </summary>
public sealed class EventsTests
{
    private const string Page = "src/docs/events.md";

    private static readonly (int From, string Title)[] Chapters =
    [
        (1000, "Start and end"), (2000, "Limits of the machine"), (3000, "Names"), (4000, "Trouble while it runs"),
        (5000, "Health of the upstreams"), (6000, "Administrative interface, operators, reloads and the logs"),
        (7000, "Take-over and the service manager"),
    ];

    private static LoggerMessageAttribute[] All { get; } =
    [
        .. typeof(Events).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>()
            .OrderBy(message => message.EventId),
    ];

    [Fact]
    public void Ids_AreUsedOnce() => Assert.Equal(All.Length, All.Select(message => message.EventId).Distinct().Count());

    [Fact]
    public void Advice_EveryWarningAndErrorHasIt() => Assert.Empty(
        All.Where(message => message.Level >= LogLevel.Warning && EventAdvice.Of(message.EventId) is null)
            .Select(message => message.EventId));

    [Fact]
    public void Page_IsWhatTheCodeSays()
    {
        string path = Path.Combine(FastTcpProxy.Testing.Processes.ProxyExecutable.RepositoryRoot, Page), page = Write();
        if (Environment.GetEnvironmentVariable("FASTTCPPROXY_WRITE_DOCUMENTS") == "1") File.WriteAllText(path, page);

        Assert.Equal(page, File.ReadAllText(path));
    }

    private static string Write()
    {
        StringBuilder page = new();
        page.Append("""
            # Events of the operational log

            An event has a number that keeps its meaning in all later versions, a level, and a text. `log.events` of the
            [configuration](configuration.md) says where events go: standard error, the journal of systemd, or syslog; as text or JSON; from
            which level on. A line of text is

                2026-11-23T13:39:13.624Z warning 5001 service mail: upstream primary is down: connect refused (0.2 ms)

            In JSON the same is an object with `time`, `level`, `event` (the number), `name`, `text`, and `fields`: the values in the text by the
            names that they have below, beginning with a small letter. In syslog the number is the message id, and there is no structured data
            (use JSON to have the fields). The levels `info`, `warning` and `error` are the severities 6, 4 and 3 of syslog and of
            the journal. Lines for the journal begin with `<N>` (sd-daemon(3)): with the target `journald`, and with `stderr` where standard error
            is the journal, which JOURNAL_STREAM tells (systemd.exec(5)).

            Control characters in texts are written as `\u000a`. Events never block traffic: 1,024 may wait, further ones are dropped, and a line
            says how many. While a syslog server does not take them, events go to standard error (6220, 6221).

            Every warning and every error has an advice here. On a terminal `fasttcpproxy events` prints it too, below the first event of each
            number. An event of level `info` needs nothing.

            This page is made from the code.

            """);
        int chapter = -1;
        foreach (LoggerMessageAttribute message in All)
        {
            while (chapter + 1 < Chapters.Length && message.EventId >= Chapters[chapter + 1].From)
            {
                page.Append(CultureInfo.InvariantCulture, $"\n## {Chapters[++chapter].Title}\n\n");
                page.Append("| event | level | text | what to do |\n|---|---|---|---|\n");
            }
            string level = message.Level == LogLevel.Information ? "info" : message.Level.ToString().ToLowerInvariant();
            page.Append(CultureInfo.InvariantCulture,
                $"| {message.EventId} | {level} | `{message.Message.Replace("|", "\\|")}` | {EventAdvice.Of(message.EventId)} |\n");
        }
        return page.ToString();
    }
}
