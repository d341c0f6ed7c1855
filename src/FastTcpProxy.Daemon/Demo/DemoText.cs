using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>How the demo's lines look: none is longer than 79 columns. Any thread.</summary>
internal static class DemoText
{
    private static readonly bool Steerable = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null
        or "" or "dumb");

    private static readonly bool Coloured = Steerable && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>What takes the cursor from behind a prompt to the begin of an empty line.</summary>
    public static string LeavePrompt { get; } = Steerable ? "\r\e[K" : "\n";

    /// <summary>Bold on a terminal that wants it (no-color.org), as it is elsewhere.</summary>
    public static string Bold(string text) => Coloured ? $"\e[1m{text}\e[0m" : text;

    /// <summary>An ended session in two lines.</summary>
    public static string Describe(SessionRecord session) =>
        $"session  {session.Client}: {string.Join(", ", DemoAttempt.Of(session))}\n         {session.BytesFromClient} bytes to the "
        + $"upstream, {session.BytesFromUpstream} back, "
        + $"{session.TotalUs / 1000} ms; {session.Reason}";
}
