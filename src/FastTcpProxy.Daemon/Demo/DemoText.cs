using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>How the demo's lines look: none is longer than 79 columns. Any thread.</summary>
internal static class DemoText
{
    private const int Columns = 80;

    /// <summary>Whether the terminal can move its cursor.</summary>
    public static bool Steerable { get; } = !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    private static readonly bool Coloured = Steerable && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>What takes the cursor from behind a prompt to the begin of an empty line.</summary>
    public static string LeavePrompt { get; } = Steerable ? "\r\e[K" : "\n";

    /// <summary>Bold on a terminal that wants it (no-color.org), as it is elsewhere.</summary>
    public static string Bold(string text) => Coloured ? $"\e[1m{text}\e[0m" : text;

    /// <summary>A command of this program that can be typed as it stands here, on several lines where one is too narrow.</summary>
    /// <param name="indent">Before each line.</param>
    /// <param name="arguments">Without blanks in any of them.</param>
    public static string Command(string indent, string arguments)
    {
        string line = $"{indent}{ProgramFile.Typed} {arguments}";
        return line.Length < Columns ? line : $"{indent}{ProgramFile.Typed} \\\n{indent}  {arguments}";
    }

    /// <summary>An ended session in two lines.</summary>
    public static string Describe(SessionRecord session) =>
        $"session  {session.Client}: {string.Join(", ", DemoAttempt.Of(session))}\n"
        + $"         {Counted.Of(session.BytesFromClient, "byte")} to the upstream, {session.BytesFromUpstream} back, "
        + $"{session.TotalUs / 1000} ms; {session.Reason}";
}
