using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>
/// Something that operators set, to look at, to set and to clear. Every change names the state that it was made for, so that of two operators one is told that he came
/// second. Immutable, any thread.
/// </summary>
/// <typeparam name="T">Its document; null says that nothing is set.</typeparam>
/// <param name="path">Where it is.</param>
/// <param name="word">What a change of it is called in the audit.</param>
/// <param name="target">Gets a line of its log for each change.</param>
/// <param name="shape">Of the document.</param>
internal abstract class OverrideResource<T>(string path, string word, AdminTarget target, JsonTypeInfo<T> shape)
    where T : class, ISetDocument
{
    public ImmutableArray<AdminRoute> Routes =>
    [
        new(HttpMethods.Get, path, GetAsync),
        Change.Route(HttpMethods.Put, path, word, target, PutAsync),
        Change.Route(HttpMethods.Delete, path, "clear-" + word, target, DeleteAsync),
    ];

    /// <summary>Where it is set.</summary>
    protected OverrideStore Store => target.Proxy.Overrides;

    /// <summary>What is set, and its entity tag.</summary>
    /// <exception cref="Refusal">404: there is nothing that it could be set for.</exception>
    protected abstract (T? Document, string Tag) Find(AdminRequest request);

    /// <summary>Notes for the audit what the request is about.</summary>
    protected abstract void Name(AdminRequest request, Change change);

    /// <summary>Reads what is to be set. Calls with the tag that must hold, or null for any, set it.</summary>
    /// <param name="change">Gets the reason.</param>
    /// <returns>The call, and what it comes to, for the audit.</returns>
    protected abstract Task<(Func<string?, OverrideOutcome> Set, string Result)> ReadAsync(AdminRequest request, Change change);

    /// <summary>The document as the caller gets it.</summary>
    /// <param name="warning">What a change leaves, where no upstream is up; null otherwise.</param>
    protected abstract T For(T document, string? warning);

    protected abstract OverrideOutcome Clear(AdminRequest request, string? expectedTag);

    /// <summary>What all overrides have in their bodies: why, and for how long.</summary>
    protected static OverrideRequest ReadRequest(AdminRequest request, JsonBody body, Change change)
    {
        change.Reason = body.TextOrNull("reason");
        TimeSpan? time = null;
        if (body.TextOrNull("for") is { } text)
        {
            if (ValueText.ReadDuration(text, OverrideLimits.ForMin, OverrideLimits.ForMax, out TimeSpan read) is { } wrong) throw Refusal.BadRequest($"key \"for\" is {wrong}");
            time = read;
        }
        return new OverrideRequest(change.Reason ?? "", request.Caller.Author, time);
    }

    /// <summary>For the audit.</summary>
    protected static string Result(string what, OverrideRequest request) => request.For is { } time ? $"{what} for {time.TotalSeconds:0.###} s" : what;

    private Task GetAsync(AdminRequest request)
    {
        (T? document, string tag) = Find(request);
        return AnswerAsync(request, document, tag, warning: null);
    }

    /// <summary>What the service is left with after a change, where no upstream is up.</summary>
    private string? Left(AdminRequest request) =>
        target.Proxy.Status.Services.FirstOrDefault(s => s.Name == request.Segment("service")) is { } service ? LeftText.Warning(StatusDocuments.From(service)) : null;

    private async Task PutAsync(AdminRequest request, Change change)
    {
        Name(request, change);
        EntityTag condition = request.RequireIfMatch();
        (Func<string?, OverrideOutcome> set, string result) = await ReadAsync(request, change);
        OverrideOutcome outcome = set(Expect(request, condition));
        Check(request, outcome);
        change.Done(result);
        // What is there now, with its own tag, even if somebody has come after.
        (T? document, string tag) = Find(request);
        await AnswerAsync(request, document, tag, Left(request));
    }

    private async Task DeleteAsync(AdminRequest request, Change change)
    {
        Name(request, change);
        OverrideOutcome outcome = Clear(request, Expect(request, request.RequireIfMatch()));
        Check(request, outcome);
        change.Done("cleared");
        if (Left(request) is { } warning) await AnswerAsync(request, new ClearedDocument(warning), DocumentContext.Default.ClearedDocument, outcome.Tag);
        else await AnswerAsync(request, null, outcome.Tag, warning: null);
    }

    /// <summary>The tag that must still hold when the change is made; null: none.</summary>
    private string? Expect(AdminRequest request, EntityTag condition)
    {
        (T? document, string tag) = Find(request);
        return condition.Matches(tag) ? condition.Expected(tag) : throw Refusal.Changed(tag, document, shape);
    }

    private void Check(AdminRequest request, OverrideOutcome outcome)
    {
        switch (outcome.Error)
        {
            case OverrideError.None:
                return;
            case OverrideError.TagMismatch:
                (T? document, string tag) = Find(request);
                throw Refusal.Changed(tag, document, shape);
            case OverrideError.NotStored:
                throw new Refusal(StatusCodes.Status507InsufficientStorage, outcome.Detail);
            default:
                // What the path names has been looked at before, so this is about the body.
                throw Refusal.BadRequest(outcome.Detail);
        }
    }

    private Task AnswerAsync(AdminRequest request, T? document, string tag, string? warning) =>
        AnswerAsync(request, document is null ? document! : For(document, warning), shape, tag);

    private static Task AnswerAsync<TDocument>(AdminRequest request, TDocument document, JsonTypeInfo<TDocument> shape, string tag)
    {
        // So that a client can tell what is its own. Names are bytes to the system, and fields are ASCII.
        request.Context.Response.Headers[Caller.HeaderName] = Uri.EscapeDataString(request.Caller.Author);
        return Answer.JsonAsync(request.Context, document, shape, tag: tag);
    }
}
