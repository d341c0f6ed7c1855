using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Time;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>Upstreams that end sessions without a byte, from the counts that sessions leave.</summary>
public sealed class UnansweredSessionsTests
{
    private readonly SettableTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly MetricsRegistry _registry = MetricsRegistry.Small(loops: 4);
    private ServiceComposer _composer = new(Activation.Given.Upstreams("192.0.2.1:1", "192.0.2.2:1"));

    [Fact]
    public void Upstream_ThatAnswersNoSession_IsFoundAtTheBoundOnce()
    {
        var sessions = new UnansweredSessions(_composer, _time);
        End(0, UnansweredSessions.SessionsMin - 1);
        Assert.Empty(sessions.Find());

        End(0, 1, loop: 3);

        Assert.Equal([new UnansweredUpstream("s", "192.0.2.1:1", HeaderMode.ProxyV2, UnansweredSessions.SessionsMin)], sessions.Find());
        Assert.Empty(sessions.Find());
        End(0, 100);
        Assert.Empty(sessions.Find());
    }

    /// <summary>What the status shows: as long as the row is, though its event was written once.</summary>
    [Fact]
    public void Current_HasTheRowUntilAnAnswer()
    {
        var sessions = new UnansweredSessions(_composer, _time);
        End(0, UnansweredSessions.SessionsMin - 1);
        sessions.Find();
        Assert.Empty(sessions.Current);
        End(0, 3);
        sessions.Find();
        sessions.Find();

        Assert.Equal(
            $"it closed {UnansweredSessions.SessionsMin + 2} sessions in a row without an answer, "
            + "right after the header; mode \"raw\" sends none",
            Assert.Single(sessions.Current).Value.Text);

        Answer(0);
        sessions.Find();
        Assert.Empty(sessions.Current);
    }

    [Fact]
    public void Answer_BeginsTheRowAnew()
    {
        var sessions = new UnansweredSessions(_composer, _time);
        End(0, UnansweredSessions.SessionsMin - 1);
        Assert.Empty(sessions.Find());
        Answer(0);
        End(0, 1);
        Assert.Empty(sessions.Find());

        End(0, UnansweredSessions.SessionsMin - 1);
        Assert.Empty(sessions.Find());
        End(0, 1);
        Assert.Single(sessions.Find());
    }

    [Fact]
    public void Row_FromBeforeTheFirstLook_CountsUnlessOneWasAnswered()
    {
        End(0, UnansweredSessions.SessionsMin);
        End(1, UnansweredSessions.SessionsMin);
        Answer(1);

        Assert.Equal("192.0.2.1:1", Assert.Single(new UnansweredSessions(_composer, _time).Find()).Upstream);
    }

    [Fact]
    public void Upstream_ThatGoesOn_IsFoundAgainAfterAWhile()
    {
        var sessions = new UnansweredSessions(_composer, _time);
        End(0, UnansweredSessions.SessionsMin);
        Assert.Single(sessions.Find());

        _time.Advance(UnansweredSessions.Quiet - TimeSpan.FromMilliseconds(1));
        Assert.Empty(sessions.Find());
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Single(sessions.Find());
    }

    [Fact]
    public void Upstreams_MoreThanTheBound_AreFoundTheNextTime()
    {
        int count = UnansweredSessions.FoundMax + 1;
        _composer = new(Activation.Given.Upstreams([.. Enumerable.Range(1, count).Select(i => $"192.0.2.{i}:1")]));
        var sessions = new UnansweredSessions(_composer, _time);
        for (int i = 0; i < count; i++) End(i, UnansweredSessions.SessionsMin);

        Assert.Equal(UnansweredSessions.FoundMax, sessions.Find().Length);
        Assert.Single(sessions.Find());
        Assert.Empty(sessions.Find());
    }

    private void End(int upstream, int times, int loop = 0) => Counts(upstream, loop).Unanswered += times;

    private void Answer(int upstream) => Counts(upstream, loop: 1).Answered++;

    private ref UpstreamCounts Counts(int upstream, int loop)
    {
        ActiveService service = _composer.Services[0];
        service.State.CountIn(_registry);
        return ref _registry.Loops[loop].Upstream(service.Rotation.Places[upstream].Upstream.Activity.Number);
    }
}
