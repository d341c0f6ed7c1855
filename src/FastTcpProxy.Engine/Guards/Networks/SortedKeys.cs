using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastTcpProxy.Engine.Guards.Networks;

/// <summary>
/// Keys in their order, laid out so that few lines of memory are touched to find one: each level has the first key of each block of the
/// next one, and a block is compared at once. All levels but the last stay in a core's own cache. A binary search would touch a new line
/// at each of its last dozen steps. Immutable, any thread.
/// </summary>
internal sealed class SortedKeys<T>
    where T : unmanaged, IUnsignedNumber<T>, IMinMaxValue<T>, IComparisonOperators<T, T, bool>
{
    /// <summary>Keys of a block: one vector of 32 bits each, or two of 64.</summary>
    public const int BlockKeys = 16;

    // The root first, then level by level. Each is filled up to whole blocks with the greatest key.
    private readonly T[] _keys;
    private readonly int[] _levels;
    private readonly int _first;

    /// <param name="keys">In ascending order, at least one. They are copied.</param>
    public SortedKeys(ReadOnlySpan<T> keys)
    {
        Count = keys.Length;
        _levels = Levels(keys.Length, out int length);
        _first = _levels[^1];
        _keys = new T[length];
        Array.Fill(_keys, T.MaxValue);
        keys.CopyTo(_keys.AsSpan(_first));
        int count = Count;
        for (int level = _levels.Length - 1; level > 0; level--)
        {
            count = Blocks(count);
            for (int i = 0; i < count; i++) _keys[_levels[level - 1] + i] = _keys[_levels[level] + i * BlockKeys];
        }
    }

    public int Count { get; }

    /// <summary>Without the headers of the arrays.</summary>
    public long Bytes => _keys.LongLength * Unsafe.SizeOf<T>();

    public T this[int index] => _keys[_first + index];

    /// <summary>
    /// The block that has the last key that is not greater than this one: its keys, and what belongs to them, can be fetched at the same
    /// time. -1: all keys are greater.
    /// </summary>
    public int BlockOf(T key)
    {
        // The keys that fill up a block are none.
        if (key == T.MaxValue) return (Count - 1) / BlockKeys;
        int block = 0;
        foreach (int level in _levels.AsSpan(0, _levels.Length - 1))
        {
            block = block * BlockKeys + CountNotGreater(level + block * BlockKeys, key) - 1;
            // Only in the root: the first key of any other block is not greater, or the level above had led to the block before it.
            if (block < 0) return -1;
        }
        return block;
    }

    /// <summary>The index of the last key of this block that is not greater than this one; -1: all keys are greater.</summary>
    /// <param name="block">From <see cref="BlockOf"/>.</param>
    public int LastIn(int block, T key) => key == T.MaxValue ? Count - 1
        : block * BlockKeys + CountNotGreater(_first + block * BlockKeys, key) - 1;

    private int CountNotGreater(int at, T key)
    {
        ref T block = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_keys), at);
        Vector512<T> wanted = Vector512.Create(key);
        int count = Ones(Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref block), wanted));
        if (Vector512<T>.Count < BlockKeys)
            count += Ones(Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref block, (nuint)Vector512<T>.Count), wanted));
        return count;
    }

    private static int Ones(Vector512<T> isNotGreater) => BitOperations.PopCount(isNotGreater.ExtractMostSignificantBits());

    // Where each level begins: as many levels as it takes for the root to be one block.
    private static int[] Levels(int count, out int length)
    {
        List<int> blocks = [Blocks(count)];
        while (blocks[^1] > 1) blocks.Add(Blocks(blocks[^1]));
        blocks.Reverse();
        int[] levels = new int[blocks.Count];
        length = 0;
        for (int level = 0; level < levels.Length; level++)
        {
            levels[level] = length;
            length += blocks[level] * BlockKeys;
        }
        return levels;
    }

    private static int Blocks(int keys) => (keys + BlockKeys - 1) / BlockKeys;
}
