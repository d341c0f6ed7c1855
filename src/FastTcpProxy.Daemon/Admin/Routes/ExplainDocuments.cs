using System.Net;
using FastTcpProxy.Control.Explain;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>Converts an explanation to its document. Pure, any thread.</summary>
internal static class ExplainDocuments
{
    public static ExplainDocument From(ExplainFacts service, IPAddress from, Observed seen)
    {
        Explanation explanation = Explainer.Explain(service, from);
        ProcessFacts process = service.Process;
        return new ExplainDocument(
            service.Configuration.Name,
            from.ToString(),
            [.. explanation.Listeners.Select(l => new ListenerDocument(l.Address.Text, l.IsReachable, l.Why))],
            new GuardsDocument(
                Limit(process.Sessions, process.Capacity),
                Limit(process.Sessions, process.SessionsMax),
                Limit(service.Sessions, service.Configuration.Settings.SessionsMax),
                service.Configuration.Settings.AcceptProxy is { } accept
                    ? new AcceptProxyDocument([.. accept.From.Networks.Select(n => n.ToString())], StatusDocuments.Word(explanation.Header),
                        explanation.HeaderWhy)
                    : null,
                service.Guards is { } guards ? GuardText.Describe(guards) : ""),
            StatusDocuments.From(service.Order),
            [.. service.Candidates.Select(c => From(c) with
            {
                HeaderDoubt = seen.DoubtOf(service.Configuration.Name, c.Status.Configuration.Name),
            })],
            explanation.Outcome);
    }

    private static CandidateDocument From(Candidate candidate)
    {
        UpstreamStatus upstream = candidate.Status;
        return new CandidateDocument(
            upstream.Configuration.Name,
            StatusDocuments.Word(upstream.Configuration.Mode),
            upstream.IsServing,
            upstream.Why,
            StatusDocuments.From(upstream.Override),
            StatusDocuments.From(upstream.Health),
            candidate.Addresses,
            upstream.Sessions,
            [.. candidate.Attempts.Select(
                a => new AttemptDocument(StatusDocuments.Word(a.Outcome), StatusDocuments.Time(a.At), a.TookMs))]);
    }

    /// <param name="max">0: no limit.</param>
    private static LimitDocument Limit(int sessions, int max) =>
        max > 0 ? new LimitDocument(sessions, max, sessions >= max) : new LimitDocument(sessions, null, false);
}
