using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>The one timeout of a probe, in each of its phases, on a clock that the test moves.</summary>
public sealed class TimeoutTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly PassingTime _time = new();

    [Fact]
    public async Task Timeout_SilentAddress_IsInTheConnect()
    {
        using var silent = await SilentUpstream.StartAsync();

        await ExpectAsync(
            Given.Http($"http://{silent.EndPoint}/"), ProbePhase.Connect, ProbeFailure.ConnectTimeout,
            $"timed out in connect: {silent.EndPoint} is silent");
    }

    [Fact]
    public async Task Timeout_StalledInHandshake_IsInTls()
    {
        // It takes the client's greeting and never says a word.
        await using var origin = new Origin(connection => connection.HoldAsync());

        await ExpectAsync(
            Given.Http($"https://{origin.EndPoint}/"), ProbePhase.Tls, ProbeFailure.TlsTimeout, "timed out in TLS");
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(false, "HTTP/1.1 200 OK\r\nContent-")]
    [InlineData(true, "HTTP/1.1 200 OK\r\nContent-")]
    [InlineData(false, "HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task Timeout_StalledBeforeTheEndOfTheHead_IsInTheAnswer(bool tls, string answer)
    {
        await using var origin = Origin.Answering(answer, tls ? certificates.Good : null);

        await ExpectAsync(Given.Http(origin), ProbePhase.Answer, ProbeFailure.ResponseTimeout,
            "timed out waiting for the answer");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Timeout_StalledAfterTheHead_IsInTheBody(bool tls)
    {
        await using var origin = Origin.Answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nO", tls ? certificates.Good : null);

        await ExpectAsync(
            Given.Http(origin).Expecting(Given.Text("OK")), ProbePhase.Body, ProbeFailure.BodyTimeout,
            "timed out in the body of the answer");
    }

    /// <summary>A byte a second, for ever: each read ends in good time, the probe all the same.</summary>
    [Theory]
    [InlineData(false, "", ProbeFailure.ResponseTimeout)]
    [InlineData(true, "", ProbeFailure.ResponseTimeout)]
    [InlineData(false, "HTTP/1.1 200 OK\r\n\r\n", ProbeFailure.BodyTimeout)]
    [InlineData(true, "HTTP/1.1 200 OK\r\n\r\n", ProbeFailure.BodyTimeout)]
    public async Task Timeout_Drip_IsOverTheWholeProbe(bool tls, string begin, ProbeFailure expected)
    {
        using var drops = new SemaphoreSlim(0);
        var sent = 0;
        await using var origin = new Origin(
            async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendAsync(begin);
                foreach (var drop in "HTTP/1.1 200 OK\r\nA: b")
                {
                    await drops.WaitAsync(connection.Stop);
                    await connection.SendAsync(drop.ToString());
                    Interlocked.Increment(ref sent);
                }
            },
            tls ? certificates.Good : null);
        using var probe =
            (HttpProbe)Given.Probe(Given.Http(origin).Expecting(Given.Text("OK")) with { Timeout = Given.Timeout }, time: _time);
        var phase = expected == ProbeFailure.BodyTimeout ? ProbePhase.Body : ProbePhase.Answer;

        var running = probe.RunAsync(CancellationToken.None);
        await Eventually.EqualsAsync(phase, () => probe.Phase, "the phase that the drip is in");
        for (var second = 1; second <= 4; second++)
        {
            drops.Release();
            await Eventually.EqualsAsync(second, () => Volatile.Read(ref sent), "the next drop");
            _time.Pass(Second);
        }
        Assert.False(running.IsCompleted);
        var took = PassToTheEnd(probe);

        var result = await running.WaitAsync(Deadline.Patient);
        Assert.Equal((expected, took), (result.Failure, result.Duration));
    }

    /// <summary>The time of the probes before does not count.</summary>
    [Fact]
    public async Task Timeout_NextProbe_HasAllItsTime()
    {
        await using var origin = Origin.Answering("");
        using var probe = (HttpProbe)Given.Probe(Given.Http(origin) with { Timeout = Given.Timeout }, time: _time);
        for (var i = 1; i <= 3; i++)
        {
            var running = probe.RunAsync(CancellationToken.None);
            await Eventually.EqualsAsync(ProbePhase.Answer, () => probe.Phase, "the request is sent");
            _time.Pass(Given.Timeout - Second);
            Assert.False(running.IsCompleted);
            _time.Pass(Second);
            Assert.Equal(ProbeFailure.ResponseTimeout, (await running.WaitAsync(Deadline.Patient)).Failure);
        }
    }

    /// <summary>Two addresses: the silent one has half of the time, and the other one is good.</summary>
    [Fact]
    public async Task Timeout_FirstAddressSilent_SecondGetsItsShare()
    {
        using var silent = await SilentUpstream.StartAsync(new IPEndPoint(IPAddress.Parse("127.0.0.3"), 0));
        await using var origin = new Origin(Answer, address: new IPEndPoint(IPAddress.Loopback, silent.EndPoint.Port));
        var book = new FixedBook(("two.test", [silent.EndPoint.Address, IPAddress.Loopback]));
        using var probe = Given.Probe(Given.Http($"http://two.test:{silent.EndPoint.Port}/") with { Timeout = Given.Timeout }, book, _time);

        var running = probe.RunAsync(CancellationToken.None);
        _time.Pass(Given.Timeout / 2 - Second);
        Assert.Equal(0, origin.AcceptedCount);
        _time.Pass(Second);

        var result = await running.WaitAsync(Deadline.Patient);
        Assert.Equal((null, "status 200"), (result.Failure, result.Text));
        Assert.Equal(Given.Timeout / 2, result.Duration);
    }

    [Fact]
    public async Task Timeout_AllAddressesSilent_EndsInTime()
    {
        using var silent = await SilentUpstream.StartAsync();
        var book = new FixedBook(("two.test", [IPAddress.Loopback, IPAddress.Loopback]));
        using var probe = Given.Probe(Given.Http($"http://two.test:{silent.EndPoint.Port}/") with { Timeout = Given.Timeout }, book, _time);

        var running = probe.RunAsync(CancellationToken.None);
        _time.Pass(Given.Timeout / 2);

        var result = await PassUntilEndAsync(running);
        Assert.Equal(ProbeFailure.ConnectTimeout, result.Failure);
        Assert.Contains("; all 2 addresses have failed", result.Text);
    }

    /// <summary>
    /// Stopped in the middle of a probe for longer than its time: the answer lies in the kernel, and the timer wakes first.
    /// </summary>
    [Fact]
    public async Task Gap_AnswerCameMeanwhile_IsGood()
    {
        using var answer = new SemaphoreSlim(0);
        await using var origin = new Origin(async connection =>
        {
            await connection.ReadHeadAsync();
            await answer.WaitAsync(connection.Stop);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        using var probe = (HttpProbe)Given.Probe(Given.Http(origin) with { Timeout = Given.Timeout }, time: _time);

        var running = probe.RunAsync(CancellationToken.None);
        await Eventually.EqualsAsync(ProbePhase.Answer, () => probe.Phase, "the request is sent");
        // All at once, which no clock of a process that runs does.
        _time.Advance(10 * Given.Timeout);
        Assert.False(running.IsCompleted);
        answer.Release();

        Assert.Null((await running.WaitAsync(Deadline.Patient)).Failure);
        Assert.Equal(1, origin.AcceptedCount);
    }

    [Fact]
    public async Task Gap_NoAnswer_HasTheTimeThatTheProcessHad_AndIsAskedOnceMore()
    {
        await using var origin = Origin.Answering("");
        using var probe = (HttpProbe)Given.Probe(Given.Http(origin) with { Timeout = Given.Timeout }, time: _time);

        var running = probe.RunAsync(CancellationToken.None);
        await Eventually.EqualsAsync(ProbePhase.Answer, () => probe.Phase, "the request is sent");
        _time.Pass(Second);
        _time.Advance(10 * Given.Timeout);
        _time.Pass(Given.Timeout - (2 * Second));
        Assert.Equal((false, 1), (running.IsCompleted, origin.AcceptedCount));
        _time.Pass(2 * Second);
        await Eventually.EqualsAsync((2, ProbePhase.Answer), () => (origin.AcceptedCount, probe.Phase), "the second request is sent");
        _time.Pass(Given.Timeout);

        Assert.Equal(ProbeFailure.ResponseTimeout, (await running.WaitAsync(Deadline.Patient)).Failure);
        Assert.Equal(2, origin.AcceptedCount);
    }

    /// <summary>The origin gave up on a probe that was stopped in the middle.</summary>
    [Fact]
    public async Task Gap_ConnectionIsLost_IsAskedOnceMore()
    {
        using var goOn = new SemaphoreSlim(0);
        var accepted = 0;
        await using var origin = new Origin(async connection =>
        {
            await connection.ReadHeadAsync();
            if (Interlocked.Increment(ref accepted) == 1) await goOn.WaitAsync(connection.Stop);
            else await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        using var probe = (HttpProbe)Given.Probe(Given.Http(origin) with { Timeout = Given.Timeout }, time: _time);

        var running = probe.RunAsync(CancellationToken.None);
        await Eventually.EqualsAsync(ProbePhase.Answer, () => probe.Phase, "the request is sent");
        _time.Advance(10 * Given.Timeout);
        goOn.Release();

        Assert.Null((await running.WaitAsync(Deadline.Patient)).Failure);
        Assert.Equal(2, origin.AcceptedCount);
    }

    /// <summary>
    /// Stopped twice, each time for longer than the probe has, while the queue of a UNIX socket is full: what it had of its time is hardly
    /// begun.
    /// </summary>
    [Fact]
    public async Task Gap_WhileAFullUnixQueueIsWaitedFor_IsNotTheProbesTime()
    {
        using var queue = new FullUnixQueue();
        var config = Given.Tcp() with { Address = Given.UnixAddress(queue.Path), Timeout = TimeSpan.FromHours(1) };
        using var probe = Given.Probe(config, time: _time);

        var running = probe.RunAsync(CancellationToken.None);
        for (var pause = 1; pause <= 3; pause++)
        {
            // The probe's own timer was made with it; each rest makes one more.
            await Eventually.HoldsAsync(() => _time.Timers > pause, "it rests before the next try");
            var rests = _time.Timers;
            _time.Advance(10 * config.Timeout);
            await Eventually.HoldsAsync(() => _time.Timers > rests || running.IsCompleted, "it has continued");
            Assert.False(running.IsCompleted);
        }
        queue.Drain();

        var result = await PassUntilEndAsync(running);
        Assert.Null(result.Failure);
        Assert.True(result.Duration >= 30 * config.Timeout, $"begun anew, {result.Duration} ago");
    }

    private static async Task Answer(OriginConnection connection)
    {
        await connection.ReadHeadAsync();
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }

    private async Task ExpectAsync(HealthCheckConfiguration config, ProbePhase phase, ProbeFailure expected, string text)
    {
        using var probe = (HttpProbe)Given.Probe(config with { Timeout = Given.Timeout }, time: _time);
        var running = probe.RunAsync(CancellationToken.None);
        await Eventually.EqualsAsync(phase, () => probe.Phase, "the phase in which the origin stalls");
        _time.Pass(Given.Timeout - Second);
        Assert.False(running.IsCompleted);
        var took = PassToTheEnd(probe);
        var result = await running.WaitAsync(Deadline.Patient);
        var expectedText = text.Replace("after 5 s", $"after {took.TotalSeconds} s", StringComparison.Ordinal);
        Assert.Equal((expected, expectedText, took), (result.Failure, result.Text, result.Duration));
    }

    /// <summary>
    /// For a probe that sets its timer anew on a thread of the pool: what passes before that thread has its turn counts as a gap, so time
    /// continues until the end.
    /// </summary>
    private async Task<ProbeResult> PassUntilEndAsync(Task<ProbeResult> running)
    {
        await Eventually.HoldsAsync(
            () =>
            {
                if (!running.IsCompleted)
                    _time.Pass(Second / 4);
                return running.IsCompleted;
            },
            "the probe ends");
        return await running;
    }

    /// <summary>
    /// The last second; and one more, if at its end something lay unread that had come a moment before. Returns how long the probe took.
    /// </summary>
    private TimeSpan PassToTheEnd(Probe probe)
    {
        _time.Pass(Second);
        if (probe.End != ProbeEnd.None) return Given.Timeout;
        _time.Pass(Second);
        return Given.Timeout + Second;
    }
}
