namespace FastTcpProxy.Compare.Measurements;

/// <summary>What can be measured.</summary>
public enum Subject
{
    Conn,
    Pp,
    Bulk,
    Up,
    Idle,
    Blackhole,
    LatencyConn,
    LatencyPp,
    Start,
}

/// <summary>The subjects' names, in options and in reports, and what they say. Pure, any thread.</summary>
public static class Subjects
{
    public static readonly Subject[] All = Enum.GetValues<Subject>();

    /// <summary>In the command line and in JSON.</summary>
    public static string Name(this Subject subject) => subject switch
    {
        Subject.LatencyConn => "latency-conn",
        Subject.LatencyPp => "latency-pp",
        _ => subject.ToString().ToLowerInvariant(),
    };

    public static string Title(this Subject subject) => subject switch
    {
        Subject.Conn => "CPU of a connection: 100 bytes there, 100 back, the server closes",
        Subject.Pp => "CPU of a round trip of 100 bytes on an open connection",
        Subject.Bulk => "CPU of a stream from the server",
        Subject.Up => "CPU of a stream to the server",
        Subject.Idle => "Memory of an open connection that is silent",
        Subject.Blackhole => "Memory of a client that waits for a silent upstream",
        Subject.LatencyConn => "Latency of a connection at a fixed rate",
        Subject.LatencyPp => "Latency of a round trip at a fixed rate",
        _ => "From the start of the process to the first connection that reaches the upstream",
    };

    public static string Unit(this Subject subject) => subject switch
    {
        Subject.Conn => "us of CPU per connection",
        Subject.Pp => "us of CPU per round trip",
        Subject.Bulk or Subject.Up => "s of CPU per GiB",
        Subject.Idle or Subject.Blackhole => "bytes per connection",
        Subject.LatencyConn or Subject.LatencyPp => "us",
        _ => "ms",
    };

    public static bool IsStream(this Subject subject) => subject is Subject.Bulk or Subject.Up;

    public static bool IsLatency(this Subject subject) => subject is Subject.LatencyConn or Subject.LatencyPp;

    public static bool TryParse(string text, out Subject subject)
    {
        foreach (Subject candidate in All)
        {
            if (candidate.Name() != text) continue;
            subject = candidate;
            return true;
        }
        subject = default;
        return false;
    }
}
