using System.Collections.Immutable;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>Questions and commands to the sessions of all loops, and the answers of each. Any thread; holds nothing.</summary>
internal static class SessionQueries
{
    public static async Task<ImmutableArray<SessionView>> ListAsync(LoopContext[] contexts, SessionFilter filter, int max)
    {
        List<SessionView>[] found = await AskAsync<List<SessionView>>(contexts,
            (context, done) => new SessionListing(context, filter.ToPredicate(), max, done)).ConfigureAwait(false);
        return [.. found.SelectMany(views => views).OrderByDescending(view => view.StartedAt).Take(max)];
    }

    public static Task<int> KillAsync(LoopContext[] contexts, SessionFilter filter) =>
        EndAsync(contexts, filter.ToPredicate, EndCause.Killed);

    public static Task<int> ResetDeniedAsync(LoopContext[] contexts) =>
        EndAsync(contexts, () => static session => session.IsDenied, EndCause.Denied);

    /// <param name="holds">Makes each loop its own question.</param>
    private static async Task<int> EndAsync(LoopContext[] contexts, Func<Predicate<Session>> holds, EndCause cause)
    {
        int[] ended = await AskAsync<int>(contexts, (context, done) => new SessionSweep(context, holds(), EndParty.Operator, cause, done))
            .ConfigureAwait(false);
        return ended.Sum();
    }

    private static Task<T[]> AskAsync<T>(LoopContext[] contexts, Func<LoopContext, Action<T>, ILoopItem> ask) =>
        Task.WhenAll(contexts.Select(context =>
    {
        // Not inside the loop: what follows is not the loop's work.
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Loop.Dispatch(ask(context, answer.SetResult));
        return answer.Task;
    }));
}
