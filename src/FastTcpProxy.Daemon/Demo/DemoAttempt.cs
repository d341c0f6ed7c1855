using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>One attempt of a session as the proxy recorded it. Immutable.</summary>
internal sealed record DemoAttempt(string Upstream, AttemptOutcome Outcome, double Milliseconds)
{
    public static IReadOnlyList<DemoAttempt> Of(SessionRecord? record)
    {
        if (record is not { } session) return [];
        List<DemoAttempt> attempts = [];
        for (int i = 0; i < session.Attempts.Count; i++)
        {
            Attempt attempt = session.Attempts[i];
            attempts.Add(new DemoAttempt(session.Service.Upstreams[attempt.Upstream].Name, attempt.Outcome, attempt.Microseconds / 1000.0));
        }
        return attempts;
    }

    public override string ToString()
    {
        string what = Outcome switch
        {
            AttemptOutcome.Connected => "connected",
            AttemptOutcome.Refused => "refused",
            AttemptOutcome.TimedOut => "silent",
            AttemptOutcome.Unreachable => "unreachable",
            AttemptOutcome.Abandoned => "abandoned",
            AttemptOutcome.Superseded => "given up for another",
            _ => "failed",
        };
        return $"{Upstream} {what} after {TimeText.Milliseconds(Milliseconds)}";
    }
}
