using System.Collections.Immutable;
using System.Net;
using System.Text;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Explain;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Status;

namespace FastTcpProxy.Control.Tests.Explain;

/// <summary>What would happen to a client, as tables of one difference each.</summary>
public sealed class ExplainerTests
{
    private static readonly ProcessFacts Quiet = new(true, 10, 100, 1000);

    [Theory]
    [InlineData("[\"0.0.0.0:25\"]", "192.0.2.1", "yes: takes IPv4 clients")]
    [InlineData("[\"0.0.0.0:25\"]", "2001:db8::1", "no: takes IPv4 clients only")]
    [InlineData("[\"[::]:25\"]", "192.0.2.1", "yes: takes IPv4 and IPv6 clients")]
    [InlineData("[\"[::]:25\"]", "2001:db8::1", "yes: takes IPv4 and IPv6 clients")]
    [InlineData("[\"0.0.0.0:25\", \"[::]:25\"]", "192.0.2.1", "yes: takes IPv4 clients", "no: takes IPv6 clients only")]
    [InlineData("[\"127.0.0.1:25\"]", "192.0.2.1", "no: a loopback address, for clients on this machine")]
    [InlineData("[\"127.0.0.1:25\"]", "127.0.0.9", "yes: takes IPv4 clients")]
    [InlineData("[\"[2001:db8::25]:25\"]", "192.0.2.1", "no: takes IPv6 clients only")]
    [InlineData("[\"unix:/run/mail.sock\"]", "127.0.0.1", "no: a UNIX socket, for processes of this machine, which have no address")]
    public void Listeners_ReachedByFamily(string listen, string from, params string[] expected) =>
        Assert.Equal(expected, Explainer.Explain(Service(listen: listen), IPAddress.Parse(from)).Listeners.Select(
            l => $"{(l.IsReachable ? "yes" : "no")}: {l.Why}"));

    [Theory]
    [InlineData("", "192.0.2.1", HeaderVerdict.None, "no header is expected")]
    [InlineData("\"acceptProxy\": { \"from\": [\"192.0.2.0/24\"] },", "192.0.2.1", HeaderVerdict.Header,
        "192.0.2.1 is in 192.0.2.0/24: it must send a header, complete within 3s")]
    [InlineData("\"acceptProxy\": { \"from\": [\"192.0.2.0/24\"] },", "198.51.100.1", HeaderVerdict.Refused,
        "198.51.100.1 is in none of 192.0.2.0/24: it is refused (others: refuse)")]
    [InlineData("\"acceptProxy\": { \"from\": [\"192.0.2.0/24\"], \"others\": \"plain\" },", "2001:db8::1", HeaderVerdict.Plain,
        "it is served as a plain client (others: plain)")]
    public void Header_AsAcceptProxySays(string keys, string from, HeaderVerdict verdict, string why)
    {
        Explanation explanation = Explainer.Explain(Service(keys: keys), IPAddress.Parse(from));

        Assert.Equal(verdict, explanation.Header);
        Assert.Contains(why, explanation.HeaderWhy);
    }

    /// <summary>Each line has the fault of the one before, and one that the engine finds out earlier: the earlier one is told.</summary>
    [Fact]
    public void Outcome_TellsWhatTheEngineFindsFirst()
    {
        ExplainFacts service = Service(keys: "\"maxSessions\": 5, \"acceptProxy\": { \"from\": [\"198.51.100.0/24\"] },");
        IPAddress from = IPAddress.Parse("192.0.2.1");
        string Outcome() => Explainer.Explain(service, from).Outcome;

        service = service
            with { Candidates = [.. service.Candidates.Select(c => c with { Status = c.Status with { IsServing = false } })] };
        Assert.Equal("The client is refused: 192.0.2.1 is in none of 198.51.100.0/24: it is refused (others: refuse).", Outcome());
        service = service with { Sessions = 5 };
        Assert.Equal("The client is refused: mail has 5 sessions, and its maxSessions is 5.", Outcome());
        service = service with { Process = Quiet with { Sessions = 100 } };
        Assert.Equal("The client is refused: the process has 100 sessions, and engine.maxSessions is 100.", Outcome());
        service = service with { Process = Quiet with { Sessions = 1000 } };
        Assert.Equal("The client waits in the kernel's queue: the descriptors of the process allow "
            + "1000 sessions, and it has 1000.", Outcome());
        from = IPAddress.Parse("2001:db8::1");
        Assert.Equal("The client cannot connect: no listener of mail takes clients from 2001:db8::1.", Outcome());
        service = service with { Process = Quiet with { IsListening = false } };
        Assert.Equal("No listener is open: the process is starting or draining, and takes no clients.", Outcome());
    }

    [Theory]
    [InlineData(4, 99, true)]
    [InlineData(5, 99, false)]
    [InlineData(4, 100, false)]
    public void Outcome_AtTheLimits(int sessions, int processSessions, bool proxied) => Assert.Equal(proxied,
        Explainer.Explain(Service(keys: "\"maxSessions\": 5,") with
        {
            Sessions = sessions, Process = Quiet with { Sessions = processSessions },
        }, IPAddress.Parse("192.0.2.1")).Outcome
            .StartsWith("The client is proxied", StringComparison.Ordinal));

    [Theory]
    [InlineData("", "+a +b", "The client is proxied to a (192.0.2.10:25); if it cannot be reached, to b (192.0.2.11:25).")]
    [InlineData("", "-a +b", "The client is proxied to b (192.0.2.11:25).")]
    [InlineData("", "?a +b", "The client is proxied to b (192.0.2.11:25).")]
    [InlineData("", "-a -b", "The connection is reset (onAllFailed: reset) at once: no upstream of mail serves.")]
    [InlineData("\"onAllFailed\": \"close\",", "-a -b",
        "The connection is closed (onAllFailed: close) at once: no upstream of mail serves.")]
    [InlineData("", "?a ?b", "The connection is reset (onAllFailed: reset) at once: no name of an upstream that serves has an address.")]
    [InlineData("", "!a !b", "The client is proxied to a (192.0.2.10:25); if it cannot be reached, to b (192.0.2.11:25), "
        + "although no upstream is up (allDown: try-in-order).")]
    [InlineData("\"acceptProxy\": { \"from\": [\"192.0.2.0/24\"] },", "+a -b",
        "Once its header has arrived, the client is proxied to a (192.0.2.10:25).")]
    public void Outcome_FollowsTheCandidates(string keys, string upstreams, string outcome)
    {
        ExplainFacts service = Service(keys: keys);
        string[] states = upstreams.Split(' ');
        service = service with { Candidates = [.. service.Candidates.Zip(states, (candidate, state) => With(candidate, state[0]))] };

        Assert.Equal(outcome, Explainer.Explain(service, IPAddress.Parse("192.0.2.1")).Outcome);
    }

    /// <param name="state">+ serves, - does not, ? serves and has no address, ! is down and tried all the same.</param>
    private static Candidate With(Candidate candidate, char state) => state switch
    {
        '-' => candidate with { Status = candidate.Status with { IsServing = false } },
        '?' => candidate with { Addresses = [] },
        '!' => candidate
            with { Status = candidate.Status with { Health = new UpstreamHealth { State = HealthState.Down, IsServing = false } } },
        _ => candidate,
    };

    private static ExplainFacts Service(string listen = "[\"0.0.0.0:25\"]", string keys = "")
    {
        string text = $$"""{ "services": [{ "name": "mail", "listen": {{listen}}, {{keys}} "upstreams": [{ "name": "a", "address":"""
            + """ "192.0.2.10:25" }, { "name": "b", "address": "192.0.2.11:25" }] }] }""";
        ConfigurationResult result = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(text), "test");
        Assert.Empty(result.Errors);
        ServiceConfiguration service = result.Configuration!.Services[0];
        ImmutableArray<Candidate> candidates =
            [.. service.Upstreams.Select((u, i) => new Candidate(new UpstreamStatus(u, i + 1, null, UpstreamHealth.Unchecked, true, "no "
            + "check is configured", 0), [u.Address.Text], []))];
        return new ExplainFacts(Quiet, service, 1, null, candidates);
    }
}
