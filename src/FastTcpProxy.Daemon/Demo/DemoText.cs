using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>How the demo's lines look. Any thread.</summary>
internal static class DemoText
{
    private static readonly bool Coloured = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");

    /// <summary>Bold on a terminal that wants it (no-color.org), as it is elsewhere.</summary>
    public static string Bold(string text) => Coloured ? $"\e[1m{text}\e[0m" : text;

    /// <summary>An ended session in one line.</summary>
    public static string Describe(SessionRecord session) =>
        $"session  {session.Client}: {string.Join(", ", DemoAttempt.Of(session))}; {session.BytesFromClient} bytes there, {session.BytesFromUpstream} back, "
        + $"{session.TotalUs / 1000} ms; {session.Reason}";
}
