using System.Collections.Immutable;
using System.Reflection;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.Time;

namespace Cluster.UnitTests.Model;

/// <summary>
/// Random values of any model type from a seed, through reflection, so that a new property is in the round-trip tests as soon as
/// it exists. What the wire does not tell apart (null and empty text, zero and absent id) is not generated.
/// </summary>
internal sealed class RandomModel(int seed)
{
    private readonly Random _random = new(seed);
    private readonly NullabilityInfoContext _nullability = new();

    public T Next<T>() => (T)Next(typeof(T), mayBeNull: false)!;

    /// <summary>A copy of a record that differs in one property.</summary>
    public T WithOther<T>(T record, PropertyInfo property) where T : class
    {
        object copy = typeof(T).GetMethod("<Clone>$")!.Invoke(record, null)!;
        object? before = property.GetValue(record);
        for (int i = 0; i < 1000; i++)
        {
            object? value = Next(property);
            if (Equals(value, before)) continue;
            property.SetValue(copy, value);
            return (T)copy;
        }

        throw new InvalidOperationException($"no other value found for {property}");
    }

    /// <summary>Of feature levels those that this build can read.</summary>
    private object? Next(PropertyInfo property) => property.Name == nameof(ClusterRecord.FeatureLevel) ? Level() : Next(property.PropertyType, _nullability.Create(property).ReadState == NullabilityState.Nullable);

    private object? Next(Type type, bool mayBeNull)
    {
        if (mayBeNull && _random.Next(3) == 0) return null;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Next(underlying, mayBeNull: false);
        if (type == typeof(string)) return Text(mayBeNull ? 1 : 0);
        if (type == typeof(bool)) return _random.Next(2) == 1;
        if (type == typeof(int)) return _random.Next(4) == 0 ? 0 : _random.Next();
        if (type == typeof(long)) return _random.Next(4) == 0 ? 0 : _random.NextInt64();
        if (type == typeof(ulong)) return (ulong)_random.NextInt64();
        if (type == typeof(UInt128)) return Number();
        if (type == typeof(TimeSpan)) return TimeSpan.FromTicks(_random.NextInt64(1, long.MaxValue));
        if (type == typeof(ClusterTime)) return new ClusterTime(_random.NextInt64(0, ClusterTime.MaxValue.Ticks));
        if (type.IsEnum) return Enum.GetValues(type).GetValue(_random.Next(Enum.GetValues(type).Length));
        if (type == typeof(Labels)) return Labels.From(Enumerable.Range(0, _random.Next(4)).Select(_ => KeyValuePair.Create(Text(1), Text(0))));
        if (type == typeof(ImmutableArray<byte>)) return Bytes();
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>)) return List(type.GetGenericArguments()[0]);
        return Record(type);
    }

    private object Level() => _random.Next(FeatureLevels.First, FeatureLevels.Supported + 1);

    private object Record(Type type)
    {
        ConstructorInfo? constructor = type.GetConstructors()
            .Where(c => !(c.GetParameters() is [var only] && only.ParameterType == type))
            .MaxBy(c => c.GetParameters().Length);
        object[] arguments = constructor?.GetParameters().Select(p => p.Name == nameof(ManagerInfo.FeatureLevel) ? Level() : Next(p.ParameterType, mayBeNull: false)!).ToArray() ?? [];
        object instance = constructor is null ? Activator.CreateInstance(type)! : constructor.Invoke(arguments);
        if (arguments.Length > 0) return instance;
        foreach (PropertyInfo property in type.GetProperties().Where(p => p.SetMethod is not null)) property.SetValue(instance, Next(property));
        return instance;
    }

    private object List(Type item)
    {
        Array items = Array.CreateInstance(item, _random.Next(4));
        for (int i = 0; i < items.Length; i++) items.SetValue(Next(item, mayBeNull: false), i);
        return typeof(ValueList).GetMethod(nameof(ValueList.ToValueList))!.MakeGenericMethod(item).Invoke(null, [items])!;
    }

    private ImmutableArray<byte> Bytes()
    {
        byte[] bytes = new byte[_random.Next(1, 40)];
        _random.NextBytes(bytes);
        return [.. bytes];
    }

    private UInt128 Number() => new((ulong)_random.NextInt64(), (ulong)_random.NextInt64(1, long.MaxValue));

    private string Text(int shortest)
    {
        const string Alphabet = "abcXYZ019-_./:= ,\"\\\n\u00e4\u20ac{}%";
        char[] text = new char[_random.Next(shortest, 12)];
        for (int i = 0; i < text.Length; i++) text[i] = Alphabet[_random.Next(Alphabet.Length)];
        return new string(text);
    }
}
