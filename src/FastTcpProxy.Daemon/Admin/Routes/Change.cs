using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>
/// A change that a client requests, from the request to its line in the audit: it gets exactly one line, whether it was made or not. One
/// task at a time; it lives as long as the request.
/// </summary>
/// <param name="audit">Gets the line.</param>
/// <param name="caller">Who asks.</param>
/// <param name="what">What is changed: one word for programs.</param>
internal sealed class Change(Audit audit, Caller caller, string what)
{
    private bool _isTold;

    public string? Service { get; set; }

    public string? Upstream { get; set; }

    /// <summary>What the caller gave as the reason.</summary>
    public string? Reason { get; set; }

    /// <summary>
    /// A route whose refusals are told; what it does it tells by itself, before it answers: the caller may be gone by then.
    /// </summary>
    public static AdminRoute Route(string method, string path, string what, AdminTarget target, Func<AdminRequest, Change, Task> handle) =>
        new(method, path, async request =>
    {
        Change change = new(new Audit(target.Log), request.Caller, what);
        try
        {
            await handle(request, change);
        }
        catch (Refusal refusal)
        {
            change.Refused(refusal.Message);
            throw;
        }
    });

    public void Done(string result)
    {
        if (_isTold) return;
        _isTold = true;
        audit.Done(caller, what, result, Service, Upstream, Reason);
    }

    public void Refused(string why)
    {
        if (_isTold) return;
        _isTold = true;
        audit.Refused(caller, what, why, Service, Upstream, Reason);
    }
}
